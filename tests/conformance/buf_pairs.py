# SPDX-License-Identifier: Apache-2.0
"""Makes two versions of a schema by chance: a model of a .proto, the same model with some changes, and the text of each. Every change is one
that protoc takes; whether it breaks a rule is for the judges to say."""
import copy

SCALARS = ["double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "bytes", "uint32", "sfixed32", "sfixed64",
           "sint32", "sint64"]
KEYS = ["int32", "string", "bool", "uint64"]
DEFAULTS = {"bool": ["true", "false"], "string": ['""', '"x"', '"5"'], "bytes": ['"x"', '"\\001"'], "double": ["0", "1.5", "5", "nan", "inf"],
            "float": ["0", "1.5", "0.1"]}
LEVELS = ["NO_SIDE_EFFECTS", "IDEMPOTENT"]


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.names = 0

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def chance(self, part):
        return self.rng.random() < part

    def reserved(self, first, last):
        ranges = []
        while first < last and len(ranges) < 3:
            end = first + self.rng.randint(0, 4)
            ranges.append([first, end])
            first = end + self.rng.randint(1, 4)
        return ranges

    def enum(self):
        values = [[self.name("V"), number] for number in range(self.rng.randint(1, 4))]
        if self.chance(0.3):
            values.append([self.name("V"), values[-1][1]])
        return {"name": self.name("E"), "values": values, "reserved": self.reserved(20, 40) if self.chance(0.5) else [],
                "reserved_names": [self.name("R") for _ in range(self.rng.randint(0, 2))]}

    def type(self, model):
        return self.rng.choice(SCALARS + ["enum"] * 3 + ["message"] * 2) if self.chance(0.8) else f"map {self.rng.choice(KEYS)}"

    def settle(self, model, field):
        """Names for what the type only says the kind of; and what does not fit the type any more goes."""
        kind = field["kind"]
        field["of"] = self.rng.choice(model["enums"])["name"] if kind == "enum" else self.rng.choice(model["messages"])["name"] if kind == "message" \
            else self.rng.choice(SCALARS) if kind.startswith("map") else None
        field["default"] = None
        if kind.startswith("map"):
            field["label"], field["oneof"] = "", None
        return field

    def default(self, model, field):
        """Only proto2 has them."""
        if model["syntax"] == "proto3" or field["label"] == "repeated" or field["kind"] in ("message",) or field["kind"].startswith("map"):
            return None
        if field["kind"] == "enum":
            return self.rng.choice(next(e for e in model["enums"] if e["name"] == field["of"])["values"])[0]
        return self.rng.choice(DEFAULTS.get(field["kind"], ["0", "5", "6"]))

    def field(self, model, number):
        field = {"name": self.name("f_"), "number": number, "kind": self.type(model), "oneof": None, "json": None,
                 "label": self.rng.choice(["", "optional", "repeated"] if model["syntax"] == "proto3" else ["optional", "optional", "repeated", "required"])}
        self.settle(model, field)
        if field["label"] != "repeated" and not field["kind"].startswith("map") and self.chance(0.3):
            field["oneof"], field["label"] = self.rng.choice(["left", "right"]), ""
        if self.chance(0.2):
            field["json"] = self.name("j")
        if self.chance(0.4):
            field["default"] = self.default(model, field)
        return field

    def model(self):
        model = {"syntax": self.rng.choice(["proto2", "proto3"]), "package": "p", "enums": [self.enum() for _ in range(3)], "methods": [],
                 "messages": [{"name": self.name("M"), "fields": [], "reserved": [], "reserved_names": []} for _ in range(3)]}
        for message in model["messages"]:
            message["fields"] = [self.field(model, number) for number in range(1, self.rng.randint(2, 9))]
            if self.chance(0.5):
                message["reserved"] = self.reserved(30, 60)
                message["reserved_names"] = [self.name("r") for _ in range(2)]
        for _ in range(3):
            model["methods"].append({"name": self.name("Do"), "in": self.rng.choice(model["messages"])["name"], "out": self.rng.choice(model["messages"])["name"],
                                     "client": self.chance(0.3), "server": self.chance(0.3), "level": self.rng.choice([None, *LEVELS])})
        return model

    # ---- changes

    def change_field(self, model, message):
        if not message["fields"]:
            return
        field = self.rng.choice(message["fields"])
        what = self.rng.choice(["kind", "of", "label", "oneof", "json", "name", "default", "delete", "delete"])
        if what == "kind":
            field["kind"] = self.type(model)
            self.settle(model, field)
        elif what == "of":
            self.settle(model, field)
        elif what == "label" and field["oneof"] is None and not field["kind"].startswith("map"):
            field["label"] = self.rng.choice(["", "optional", "repeated"] if model["syntax"] == "proto3" else ["optional", "repeated", "required"])
            field["default"] = None
        elif what == "oneof" and field["label"] != "repeated" and not field["kind"].startswith("map"):
            field["oneof"] = self.rng.choice(["left", "right", None])
            field["label"] = "" if field["oneof"] else "optional"
        elif what == "json":
            field["json"] = self.rng.choice([None, self.name("j")])
        elif what == "name":
            field["name"] = self.name("f_")
        elif what == "default":
            field["default"] = self.default(model, field)
        elif what == "delete":
            message["fields"].remove(field)
            if self.chance(0.6):
                message["reserved"].append([field["number"], field["number"]])
            if self.chance(0.6):
                message["reserved_names"].append(field["name"])

    def change_enum(self, model):
        enum = self.rng.choice(model["enums"])
        what = self.rng.choice(["add", "rename", "delete", "reserved", "order"])
        used = {f["default"] for m in model["messages"] for f in m["fields"]}
        value = self.rng.choice(enum["values"])
        if what == "add":
            enum["values"].append([self.name("V"), self.rng.choice([value[1], 10 + self.names % 7])])
        elif what == "rename" and value[0] not in used:
            value[0] = self.name("V")
        elif what == "delete" and len(enum["values"]) > 1 and value[0] not in used and value is not enum["values"][0]:
            enum["values"].remove(value)
            if self.chance(0.6) and all(v[1] != value[1] for v in enum["values"]):
                enum["reserved"].append([value[1], value[1]])
            if self.chance(0.6):
                enum["reserved_names"].append(value[0])
        elif what == "reserved":
            self.change_reserved(enum)
        elif what == "order" and model["syntax"] == "proto2":
            self.rng.shuffle(enum["values"])

    def change_reserved(self, thing):
        if thing["reserved"]:
            part = self.rng.choice(thing["reserved"])
            if part[1] > part[0] and self.chance(0.5):
                thing["reserved"].append([part[0] + 1, part[1]])  # in two pieces, the same whole
                part[1] = part[0]
            else:
                thing["reserved"].remove(part)
        elif thing["reserved_names"]:
            thing["reserved_names"].pop()

    def change_method(self, model):
        method = self.rng.choice(model["methods"])
        what = self.rng.choice(["in", "out", "client", "server", "level"])
        if what in ("in", "out"):
            method[what] = self.rng.choice(model["messages"])["name"]
        elif what == "level":
            method["level"] = self.rng.choice([None, *LEVELS])
        else:
            method[what] = not method[what]

    def change(self, model):
        what = self.rng.random()
        if what < 0.55:
            self.change_field(model, self.rng.choice(model["messages"]))
        elif what < 0.75:
            self.change_enum(model)
        elif what < 0.85:
            self.change_reserved(self.rng.choice(model["messages"]))
        elif what < 0.95:
            self.change_method(model)
        elif what < 0.97:
            model["package"] = self.rng.choice(["p", "p.q"])
        else:
            message = self.rng.choice(model["messages"])
            message["fields"].append(self.field(model, 70 + self.names))


def ranges(thing):
    lines = [f"  reserved {first} to {last};" for first, last in thing["reserved"]]
    return lines + [f'  reserved "{name}";' for name in thing["reserved_names"]]


def field_line(field, syntax):
    kind = field["kind"]
    name = f"map<{kind[4:]}, {field['of']}>" if kind.startswith("map") else field["of"] or kind
    label = "" if kind.startswith("map") or field["oneof"] else field["label"] or ("optional" if syntax == "proto2" else "")
    options = [f"default = {field['default']}"] if field["default"] else []
    options += [f'json_name = "{field["json"]}"'] if field["json"] else []
    return f"{label} {name} {field['name']} = {field['number']}{' [' + ', '.join(options) + ']' if options else ''};".strip()


def text(model):
    lines = [f'syntax = "{model["syntax"]}";', f"package {model['package']};"]
    for enum in model["enums"]:
        lines.append(f"enum {enum['name']} {{")
        numbers = [number for _, number in enum["values"]]
        lines += ["  option allow_alias = true;"] if len(set(numbers)) < len(numbers) else []
        lines += [f"  {name} = {number};" for name, number in enum["values"]] + ranges(enum) + ["}"]
    for message in model["messages"]:
        lines.append(f"message {message['name']} {{")
        for oneof in ("left", "right"):
            members = [f for f in message["fields"] if f["oneof"] == oneof]
            lines += [f"  oneof {oneof} {{", *(f"    {field_line(f, model['syntax'])}" for f in members), "  }"] if members else []
        lines += [f"  {field_line(f, model['syntax'])}" for f in message["fields"] if f["oneof"] is None] + ranges(message) + ["}"]
    lines.append("service Desk {")
    for m in model["methods"]:
        level = f"{{ option idempotency_level = {m['level']}; }}" if m["level"] else "{}"
        lines.append(f"  rpc {m['name']}({'stream ' if m['client'] else ''}{m['in']}) returns ({'stream ' if m['server'] else ''}{m['out']}) {level}")
    return "\n".join([*lines, "}", ""])


def make(rng):
    """Two texts."""
    maker = Maker(rng)
    old = maker.model()
    new = copy.deepcopy(old)
    for _ in range(rng.randint(0, 12)):
        maker.change(new)
    return text(old), text(new)
