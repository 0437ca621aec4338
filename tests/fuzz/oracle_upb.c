// SPDX-License-Identifier: Apache-2.0
// The second opinion of upb, the C library below PHP's and Ruby's protobuf.
#include "fuzz/oracle.h"

#ifdef WITH_UPB

#include <stdlib.h>
#include <string.h>

#include "php-upb.h"

static bool
give(const char *data, size_t len, struct oracle_bytes *ret)
{
	ret->len = len;
	ret->data = malloc(len + 1);
	memcpy(ret->data, data, len);
	return true;
}

static bool
take(const char *set, size_t len, void **ret_pool)
{
	upb_Arena *arena = upb_Arena_New();
	upb_DefPool *pool = upb_DefPool_New();
	const google_protobuf_FileDescriptorSet *files = google_protobuf_FileDescriptorSet_parse(set, len, arena);
	size_t count = 0;
	const google_protobuf_FileDescriptorProto *const *file =
	    files == NULL ? NULL : google_protobuf_FileDescriptorSet_file(files, &count);
	bool is_taken = files != NULL;

	for (size_t i = 0; i < count && is_taken; i++) {
		upb_Status status;

		upb_Status_Clear(&status);
		is_taken = upb_DefPool_AddFile(pool, file[i], &status) != NULL;
	}
	upb_Arena_Free(arena);
	if (!is_taken) {
		upb_DefPool_Free(pool);
		return false;
	}
	*ret_pool = pool;
	return true;
}

static void
drop(void *pool)
{
	upb_DefPool_Free(pool);
}

static bool
put(const upb_Message *message, const upb_MessageDef *type, upb_Arena *arena, struct oracle_bytes *ret)
{
	size_t len;
	char *bytes = upb_Encode(message, upb_MessageDef_MiniTable(type),
	    kUpb_Encode_Deterministic | UPB_ENCODE_MAXDEPTH(ORACLE_DEPTH + 8), arena, &len);

	return bytes != NULL && give(bytes, len, ret);
}

static upb_Message *
parse(void *pool, const upb_MessageDef *type, const char *payload, size_t len, upb_Arena *arena)
{
	upb_Message *message = type == NULL ? NULL : upb_Message_New(type, arena);

	return message != NULL &&
		upb_Decode(payload, len, message, upb_MessageDef_MiniTable(type), upb_DefPool_ExtensionRegistry(pool),
		    UPB_DECODE_MAXDEPTH(ORACLE_DEPTH), arena) == kUpb_DecodeStatus_Ok
	    ? message
	    : NULL;
}

static bool
encode(void *pool, const char *name, const char *payload, size_t len, struct oracle_bytes *ret)
{
	const upb_MessageDef *type = upb_DefPool_FindMessageByName(pool, name);
	upb_Arena *arena = upb_Arena_New();
	upb_Message *message = parse(pool, type, payload, len, arena);
	bool is_taken = message != NULL && put(message, type, arena, ret);

	upb_Arena_Free(arena);
	return is_taken;
}

static bool
from_json(void *pool, const char *name, const char *text, size_t len, struct oracle_bytes *ret)
{
	const upb_MessageDef *type = upb_DefPool_FindMessageByName(pool, name);
	upb_Arena *arena = upb_Arena_New();
	upb_Message *message = type == NULL ? NULL : upb_Message_New(type, arena);
	upb_Status status;
	char *ended = malloc(len + 1); // its numbers are read by strtod, which looks for an end
	bool is_taken;

	if (ended != NULL) {
		memcpy(ended, text, len);
		ended[len] = '\0';
	}
	upb_Status_Clear(&status);
	is_taken = message != NULL && ended != NULL &&
	    upb_JsonDecode(ended, len, message, type, pool, 0, arena, &status) && put(message, type, arena, ret);
	free(ended);
	upb_Arena_Free(arena);
	return is_taken;
}

static bool
to_json(void *pool, const char *name, const char *payload, size_t len, struct oracle_bytes *ret)
{
	const upb_MessageDef *type = upb_DefPool_FindMessageByName(pool, name);
	upb_Arena *arena = upb_Arena_New();
	upb_Message *message = parse(pool, type, payload, len, arena);
	upb_Status status;
	size_t need = (size_t)-1;
	bool is_said = false;

	upb_Status_Clear(&status);
	if (message != NULL) {
		need = upb_JsonEncode(message, type, pool, 0, NULL, 0, &status);
	}
	if (need != (size_t)-1) {
		char *said = malloc(need + 1);

		upb_JsonEncode(message, type, pool, 0, said, need + 1, &status);
		*ret = (struct oracle_bytes){said, need};
		is_said = true;
	}
	upb_Arena_Free(arena);
	return is_said;
}

const struct oracle oracle_upb = {"upb", take, drop, encode, from_json, to_json};

#endif
