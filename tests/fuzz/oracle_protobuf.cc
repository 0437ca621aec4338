// SPDX-License-Identifier: Apache-2.0
// The second opinion of C++ protobuf: descriptors at run time, dynamic messages, and its own JSON.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include "fuzz/oracle.h"

namespace pb = google::protobuf;

namespace {

class Silent : public pb::DescriptorPool::ErrorCollector {
	void AddError(const std::string &, const std::string &, const pb::Message *, ErrorLocation, const std::string &) override {}
};

struct Pool {
	pb::DescriptorPool descriptors;
	pb::DynamicMessageFactory messages{&descriptors};
	std::unique_ptr<pb::util::TypeResolver> types;
};

bool
give(const std::string &bytes, oracle_bytes *ret)
{
	ret->len = bytes.size();
	ret->data = static_cast<char *>(std::malloc(bytes.size() + 1));
	std::memcpy(ret->data, bytes.data(), bytes.size());
	return true;
}

// Dynamic messages end the program over weak fields, which are Google's own.
bool
is_weak(const pb::DescriptorProto &message)
{
	for (const auto &field : message.field()) {
		if (field.options().weak()) {
			return true;
		}
	}
	for (const auto &extension : message.extension()) {
		if (extension.options().weak()) {
			return true;
		}
	}
	for (const auto &nested : message.nested_type()) {
		if (is_weak(nested)) {
			return true;
		}
	}
	return false;
}

bool
is_weak(const pb::FileDescriptorProto &file)
{
	for (const auto &message : file.message_type()) {
		if (is_weak(message)) {
			return true;
		}
	}
	for (const auto &extension : file.extension()) {
		if (extension.options().weak()) {
			return true;
		}
	}
	return file.weak_dependency_size() > 0;
}

// Whether every message that calls itself an entry is one of a map: it looks at entries only where a map uses them, and protoc makes no others.
bool
has_true_entries(const pb::Descriptor *message)
{
	for (int i = 0; i < message->nested_type_count(); i++) {
		const auto *nested = message->nested_type(i);
		bool is_used = !nested->options().map_entry();

		for (int k = 0; k < message->field_count(); k++) {
			is_used = is_used || (message->field(k)->is_map() && message->field(k)->message_type() == nested);
		}
		if (!is_used || !has_true_entries(nested)) {
			return false;
		}
	}
	return true;
}

bool
has_true_entries(const pb::FileDescriptor *file)
{
	for (int i = 0; i < file->message_type_count(); i++) {
		if (file->message_type(i)->options().map_entry() || !has_true_entries(file->message_type(i))) {
			return false;
		}
	}
	return true;
}

bool
take(const char *set, size_t len, void **ret_pool)
{
	static const bool is_quiet = (pb::SetLogHandler(nullptr), true);
	auto pool = std::make_unique<Pool>();
	pb::FileDescriptorSet files;
	Silent silent;

	(void)is_quiet;
	if (!files.ParseFromArray(set, static_cast<int>(len))) {
		return false;
	}
	for (const auto &file : files.file()) {
		const auto *built = is_weak(file) ? nullptr : pool->descriptors.BuildFileCollectingErrors(file, &silent);

		if (built == nullptr || !has_true_entries(built)) {
			return false;
		}
	}
	pool->types.reset(pb::util::NewTypeResolverForDescriptorPool("type.googleapis.com", &pool->descriptors));
	*ret_pool = pool.release();
	return true;
}

void
drop(void *pool)
{
	delete static_cast<Pool *>(pool);
}

std::unique_ptr<pb::Message>
message_of(void *pool, const char *type)
{
	auto *p = static_cast<Pool *>(pool);
	const auto *descriptor = p->descriptors.FindMessageTypeByName(type);

	return descriptor == nullptr ? nullptr : std::unique_ptr<pb::Message>(p->messages.GetPrototype(descriptor)->New());
}

// nullptr when it is no payload.
std::unique_ptr<pb::Message>
parse(void *pool, const char *type, const char *payload, size_t len)
{
	auto message = message_of(pool, type);
	pb::io::ArrayInputStream bytes(payload, static_cast<int>(len));
	pb::io::CodedInputStream in(&bytes);

	in.SetRecursionLimit(ORACLE_DEPTH);
	if (message == nullptr || !message->ParsePartialFromCodedStream(&in) || !in.ConsumedEntireMessage()) {
		return nullptr;
	}
	return message;
}

std::string
bytes_of(const pb::Message &message)
{
	std::string bytes;
	pb::io::StringOutputStream stream(&bytes);
	pb::io::CodedOutputStream out(&stream);

	out.SetSerializationDeterministic(true);
	message.SerializePartialToCodedStream(&out);
	out.Trim();
	return bytes;
}

bool
encode(void *pool, const char *type, const char *payload, size_t len, oracle_bytes *ret)
{
	auto message = parse(pool, type, payload, len);

	return message != nullptr && give(bytes_of(*message), ret);
}

std::string
url(const char *type)
{
	return std::string("type.googleapis.com/") + type;
}

bool
from_json(void *pool, const char *type, const char *text, size_t len, oracle_bytes *ret)
{
	auto *p = static_cast<Pool *>(pool);
	std::string payload;

	return pb::util::JsonToBinaryString(p->types.get(), url(type), pb::StringPiece(text, len), &payload).ok() &&
	    encode(pool, type, payload.data(), payload.size(), ret);
}

// Its JSON loses its way in fields of a wrong wire type, which are unknown: so without those.
bool
to_json(void *pool, const char *type, const char *payload, size_t len, oracle_bytes *ret)
{
	auto message = parse(pool, type, payload, len);
	std::string text;

	if (message == nullptr) {
		return false;
	}
	message->DiscardUnknownFields();
	return pb::util::BinaryToJsonString(static_cast<Pool *>(pool)->types.get(), url(type), bytes_of(*message), &text).ok() &&
	    give(text, ret);
}

} // namespace

extern "C" const oracle oracle_protobuf = {"protobuf", take, drop, encode, from_json, to_json};

extern "C" bool
oracle_compiled_set(void *pool, const char *set, size_t len, oracle_bytes *ret)
{
	pb::FileDescriptorSet files, compiled;

	if (!files.ParseFromArray(set, static_cast<int>(len))) {
		return false;
	}
	for (const auto &file : files.file()) {
		const auto *built = static_cast<Pool *>(pool)->descriptors.FindFileByName(file.name());
		auto *out = compiled.add_file();

		built->CopyTo(out);
		built->CopyJsonNameTo(out);
	}
	compiled.DiscardUnknownFields();
	return give(compiled.SerializeAsString(), ret);
}
