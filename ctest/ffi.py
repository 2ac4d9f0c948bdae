#!/usr/bin/env python3
"""The headers without preprocessor lines, read by cffi as they are, and a job through them.

Usage: ffi.py LIBRARY INCLUDE_DIRECTORY. Prints "ffi: N passed, M failed"; "skipped" when cffi is not installed.
"""
import json
import os
import sys

try:
    import cffi
except ImportError:
    print("ffi.py: skipped, python has no cffi")
    print("ffi: 0 passed, 0 failed")
    sys.exit(0)

passed = failed = 0


def check(holds, what):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"ffi.py: failed: {what}", file=sys.stderr)


def send(ffi, lib, context, method, message):
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    response = lib.imageflow_context_send_json(context, method.encode(), text, len(text))
    status, data, size = ffi.new("int64_t *"), ffi.new("uint8_t **"), ffi.new("size_t *")
    check(response != ffi.NULL, f"{method} has a response")
    check(lib.imageflow_json_response_read(context, response, status, data, size), "the response can be read")
    return status[0], json.loads(ffi.buffer(data[0], size[0])[:])


def job(ffi, lib):
    context = lib.imageflow_context_create(3, 1)
    check(context != ffi.NULL, "a context is made")
    check(lib.imageflow_context_add_output_buffer(context, 1), "an output is added")
    color = {"srgb": {"hex": "336699"}}
    steps = [
        {"create_canvas": {"format": "bgr_32", "w": 40, "h": 30, "color": color}},
        {"resample_2d": {"w": 20, "h": 15}},
        {"encode": {"io_id": 1, "preset": {"lodepng": {}}}},
    ]
    status, answer = send(ffi, lib, context, "v1/execute", {"framewise": {"steps": steps}})
    check(status == 200 and answer["success"] is True, f"the job succeeds: {answer}")
    encodes = answer["data"]["job_result"]["encodes"] if status == 200 else [{}]
    check((encodes[0].get("w"), encodes[0].get("h")) == (20, 15), "the result has the size asked for")
    data, size = ffi.new("uint8_t **"), ffi.new("size_t *")
    check(lib.imageflow_context_take_output_buffer(context, 1, data, size), "the output is taken")
    lib.imageflow_context_destroy(context)
    check(ffi.buffer(data[0], size[0])[:8] == b"\x89PNG\r\n\x1a\n", "the output is a PNG")
    check(lib.imageflow_buffer_free(data[0], size[0]), "the output is freed")


def misuse(ffi, lib):
    context = lib.imageflow_context_create(3, 0)
    check(not lib.imageflow_context_add_input_buffer(context, 0, b"garbage", 7, 0), "garbage is refused")
    check(lib.imageflow_context_error_code(context) == 4, "garbage is a malformed image")
    text = ffi.new("char[]", 2048)
    check(lib.imageflow_context_error_write_to_buffer(context, text, 2048, ffi.NULL), "the error is written")
    check(ffi.string(text).startswith(b"ImageMalformed: NoEnabledDecoderFound: "), "the error says what it is")
    status, answer = send(ffi, lib, context, "v1/get_version_info", {})
    check(status == 400 and answer["data"] == "none", "the first error is repeated")
    lib.imageflow_context_destroy(context)


def main():
    library, include = sys.argv[1], sys.argv[2]
    for header in ("imageflow_lua.h", "imageflow_short.h"):
        ffi = cffi.FFI()
        with open(os.path.join(include, header), encoding="utf-8") as file:
            ffi.cdef(file.read())
        lib = ffi.dlopen(library)
        check(lib.imageflow_lifetime_lifetime_outlives_context == 1, "the enum has its doubled name")
        job(ffi, lib)
        misuse(ffi, lib)
    print(f"ffi: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
