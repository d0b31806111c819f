"""Files that the safetensors package wrote, what they hold, and what it accepts or refuses."""
import json
import struct

import safetensors
import torch
from safetensors.torch import save

from .recording import Recording
from .trees import TinyModel

INF, NAN = float("inf"), float("nan")
# The format's name, PyTorch's dtype, and values at the ends of its range.
DTYPES = [
    ("F64", torch.float64, [0.1, -0.0, 1e308, 5e-324, INF, -INF, NAN, 1 / 3]),
    ("F32", torch.float32, [0.1, -0.0, 3.4e38, 1e-45, INF, -INF, NAN, 16777217.0]),
    ("F16", torch.float16, [0.1, -0.0, 65504.0, 6e-8, INF, -INF, NAN, 6.1e-5, 2049.0]),
    ("BF16", torch.bfloat16, [0.1, -0.0, 3.38e38, 1e-40, INF, -INF, NAN, 257.0]),
    ("I64", torch.int64, [0, -1, 2**63 - 1, -2**63, 2**53 + 1]),
    ("I32", torch.int32, [0, -1, 2**31 - 1, -2**31]),
    ("I16", torch.int16, [0, -1, 2**15 - 1, -2**15]),
    ("I8", torch.int8, [0, -1, 127, -128]),
    ("U8", torch.uint8, [0, 1, 127, 255]),
    ("U16", torch.uint16, [0, 1, 2**15, 2**16 - 1]),
    ("U32", torch.uint32, [0, 1, 2**31, 2**32 - 1]),
    ("U64", torch.uint64, [0, 1, 2**63, 2**64 - 1]),
    ("BOOL", torch.bool, [True, False, True]),
]
NAMES = ["", " ", "a", "Z", "weight", "layers.0.weight", "layers.10.weight", "layers.2.weight",
         'quote"', "back\\slash", "tab\tnewline\n", "\x00\x1f\x7f", "/slash/", "é", "权重",
         "\U0001f600", "{}", "__metadata", "null", "x" * 300]
# The package accepts these, the format's description does not.
REFUSED_BY_SPECIFICATION = {"leading blank", "a name twice", "a metadata key twice"}


def files():
    """Yields file name, tensors, metadata."""
    every = {}
    for kind, dtype, numbers in DTYPES:
        values = torch.tensor(numbers, dtype=dtype)
        every[kind] = values[:3]
        yield kind.lower(), {
            "values": values, "scalar": values[0], "matrix": values[:2].reshape(1, 2),
            "empty": torch.empty(0, dtype=dtype), "nothing": torch.empty(2, 0, 3, dtype=dtype),
        }, {"format": "pt"}
    yield "every_dtype", every, None
    yield "every_dtype_reversed", dict(reversed(every.items())), {"format": "pt"}
    yield "no_tensors", {}, None
    yield "only_metadata", {}, {"format": "pt"}
    yield "odd_names", named_by(NAMES), {"format": "pt"}
    yield "odd_metadata", {"a": torch.ones(1)}, {'key "é"\n': "a\\b\t\U0001f600"}
    yield "empty_metadata", {"a": torch.ones(1)}, {}
    yield "many_dims", {"a": torch.arange(24.0).reshape(1, 2, 1, 3, 1, 4, 1)}, None
    for length in range(1, 9):  # the header is padded to a multiple of 8
        yield f"padding_{length}", {"n" * length: torch.arange(3, dtype=torch.uint8)}, None
    torch.manual_seed(0)
    yield "tiny_model", TinyModel(4, 3, 2).state_dict(), {"format": "pt"}
    yield "float8", {"a": torch.ones(2).to(torch.float8_e4m3fn)}, None
    yield "complex64", {"a": torch.ones(2, dtype=torch.complex64)}, None


def named_by(names):
    return {name: torch.tensor([i], dtype=torch.int32) for i, name in enumerate(names)}


def header(data):
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8:8 + length])


def record_files(recording, folder):
    known = {kind for kind, _, _ in DTYPES}
    for name, tensors, metadata in files():
        data = save({key: t.clone() for key, t in tensors.items()}, metadata)
        (folder / f"{name}.safetensors").write_bytes(data)
        case = recording.add(kind="file", file=f"{name}.safetensors", metadata=metadata)
        entries = header(data)
        entries.pop("__metadata__", None)
        case["tensors"] = []
        for number, (key, entry) in enumerate(entries.items()):
            shown = {"name": key, "dtype": entry["dtype"], "shape": entry["shape"]}
            tensor = tensors[key]
            if tensor.dtype == torch.uint64:
                shown["unsigned"] = tensor.flatten().tolist()
            elif entry["dtype"] in known:
                wide = torch.float64 if tensor.is_floating_point() else torch.int64
                shown["values"] = recording.put(case, f"values/{number}", tensor.to(wide))
            case["tensors"].append(shown)


def raw(text, data=b"", length=None):
    """A file of a header and data; text may be what the header says, or its bytes."""
    text = text if isinstance(text, bytes) else json.dumps(text).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin, end, shape, dtype="U8", **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end], **more}


def written(shape=b"[1]", offsets=b"[0,1]", dtype=b'"U8"', tail=b""):
    """A file of one byte, with the header's parts as they are written."""
    return raw(b'{"a":{"dtype":%s,"shape":%s,"data_offsets":%s}%s}' % (dtype, shape, offsets, tail),
               b"\x07")


def suspects():
    """Yields what is odd about a file, and its bytes."""
    one = {"a": entry(0, 1, [1])}
    yield "sound", raw(one, b"\x07")
    yield "no bytes", b""
    yield "seven bytes", bytes(7)
    yield "header of length 0", bytes(8)
    yield "header longer than the file", raw(one, b"\x07", 1000)
    yield "header length 2^63", raw(one, b"\x07", 2**63)
    yield "header length 2^64-1", raw(one, b"\x07", 2**64 - 1)
    yield "header length above 100,000,000", raw(one, b"\x07", 100_000_001)
    yield "header not UTF-8", raw(b"\xff")
    yield "name not UTF-8", raw(
        b'{"\xff":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"\x07")
    yield "header a list", raw(b"[]")
    yield "header null", raw(b"null")
    yield "header cut short", raw(b'{"a":')
    yield "leading blank", raw(b" {}")
    yield "byte order mark", raw(b"\xef\xbb\xbf{}")
    yield "white space after the header", raw(b"{} \r\n\t")
    yield "NUL after the header", raw(b"{}\0\0")
    yield "text after the header", raw(b"{}{}")
    yield "comment", raw(b"{}//")
    yield "trailing comma", written(tail=b",")
    yield "single quotes", raw(b"{'a':1}")
    yield "bytes after the data", raw(one, b"\x07\x07")
    yield "data cut short", raw({"a": entry(0, 2, [2])}, b"\x07")
    yield "no data", raw(one)
    yield "two tensors overlap", raw({"a": entry(0, 2, [2]), "b": entry(1, 3, [2])}, bytes(3))
    yield "two tensors share", raw({"a": entry(0, 1, [1]), "b": entry(0, 1, [1])}, bytes(1))
    yield "a hole between tensors", raw({"a": entry(0, 1, [1]), "b": entry(2, 3, [1])}, bytes(3))
    yield "a hole at the start", raw({"a": entry(1, 2, [1])}, bytes(2))
    yield "tensors in any order", raw({"b": entry(1, 2, [1]), "a": entry(0, 1, [1])}, bytes(2))
    yield "end before begin", raw({"a": entry(1, 0, [1])}, bytes(1))
    yield "shape larger than the data", raw({"a": entry(0, 1, [2])}, bytes(1))
    yield "shape smaller than the data", raw({"a": entry(0, 2, [1])}, bytes(2))
    yield "shape overflows", raw({"a": entry(0, 0, [2**32, 2**32])})
    yield "shape overflows to a match", raw({"a": entry(0, 1, [2**63, 2, 1])}, bytes(1))
    yield "bytes overflow", raw({"a": entry(0, 0, [2**61], "F64")})
    yield "overflow, then 0", raw({"a": entry(0, 0, [2**40, 2**40, 0])})
    yield "0, then overflow", raw({"a": entry(0, 0, [0, 2**40, 2**40])})
    yield "size 2^64", written(shape=b"[18446744073709551616]")
    yield "negative size", written(shape=b"[-1]")
    yield "minus zero", raw(b'{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}')
    yield "size with a point", written(shape=b"[1.0]")
    yield "size with an exponent", written(shape=b"[1e0]")
    yield "size with a leading zero", written(shape=b"[01]")
    yield "size a string", written(shape=b'["1"]')
    yield "size true", written(shape=b"[true]")
    yield "shape null", written(shape=b"null")
    yield "shape an object", written(shape=b"{}")
    yield "three offsets", written(offsets=b"[0,1,1]")
    yield "one offset", written(offsets=b"[0]")
    yield "negative offset", written(offsets=b"[-1,1]")
    yield "offset 2^64", written(offsets=b"[0,18446744073709551616]")
    yield "unknown dtype", written(dtype=b'"Q8"')
    yield "dtype in lower case", written(dtype=b'"u8"')
    yield "dtype a number", written(dtype=b"8")
    yield "a field is missing", raw({"a": {"dtype": "U8", "shape": [1]}}, bytes(1))
    yield "a field too many", raw({"a": entry(0, 1, [1], more=1)}, bytes(1))
    yield "tensor null", raw(b'{"a":null}')
    yield "tensor a list", raw(b'{"a":[]}')
    yield "a name twice", written(
        tail=b',"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}')
    yield "a field twice", raw(
        b'{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', bytes(1))
    yield "metadata twice", raw(b'{"__metadata__":{},"__metadata__":{}}')
    yield "a metadata key twice", raw(b'{"__metadata__":{"k":"1","k":"2"}}')
    yield "metadata", raw({"__metadata__": {"k": "v"}, **one}, bytes(1))
    yield "metadata at the end", raw({**one, "__metadata__": {"k": "v"}}, bytes(1))
    yield "metadata null", raw({"__metadata__": None})
    yield "metadata a list", raw({"__metadata__": []})
    yield "metadata value a number", raw({"__metadata__": {"k": 1}})
    yield "metadata value null", raw({"__metadata__": {"k": None}})
    yield "metadata value an object", raw({"__metadata__": {"k": {}}})
    yield "scalar", raw({"a": entry(0, 4, [], "F32")}, bytes(4))
    yield "empty tensor between others", raw(
        {"a": entry(0, 1, [1]), "b": entry(1, 1, [0]), "c": entry(1, 2, [1])}, bytes(2))
    yield "bool that is 2", raw({"a": entry(0, 1, [1], "BOOL")}, b"\x02")
    yield "data not aligned", raw({"a": entry(0, 1, [1]), "b": entry(1, 9, [1], "F64")}, bytes(9))
    yield "control character in a name", raw(
        b'{"a\n":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"\x07")
    yield "surrogate pair in a name", raw(
        b'{"\\ud83d\\ude00":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"\x07")
    yield "lone surrogate in a name", raw(
        b'{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"\x07")
    yield "NaN in the header", raw(b'{"a":NaN}')
    for depth in (100, 1000):
        yield f"{depth} brackets", raw(b'{"a":' + b"[" * depth + b"]" * depth + b"}")


def record(folder):
    recording = Recording("files")
    (folder / "safetensors").mkdir(exist_ok=True)
    record_files(recording, folder / "safetensors")
    for name, data in suspects():
        try:
            safetensors.deserialize(data)
            accepted = True
        except safetensors.SafetensorError:
            accepted = False
        case = recording.add(kind="bytes", name=name, accepted=accepted)
        if name in REFUSED_BY_SPECIFICATION:
            assert accepted
            case["refused_by_specification"] = True
        recording.put(case, "bytes", torch.tensor(list(data), dtype=torch.uint8))
    recording.save(folder)
