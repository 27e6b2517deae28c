# SPDX-License-Identifier: MIT
"""Another implementation of protobuf (python3-protobuf) against our codec, both ways.

usage: peer.py PEER PROTO

PEER is peer.c, PROTO the wire.proto that sngen wrote for it. Messages that Python makes go through
decode and encode there and must come back as they were; fixed messages that C makes must be what
Python reads. 77: there is no protoc or no python3-protobuf.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

SN_TOO_LARGE, SN_INVALID = 5, 6
UNKNOWN = bytes([0xA0, 0x06, 0x07, 0xAA, 0x06, 0x03]) + b"abc"


def load(proto):
    """The module that protoc makes of a .proto."""
    if shutil.which("protoc") is None:
        sys.exit(77)
    try:
        import google.protobuf  # noqa: F401, pylint: disable=unused-import
    except ImportError:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", "-I", os.path.dirname(proto), "--python_out", folder, proto],
                       check=True)
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        import wire_pb2
        return wire_pb2


class Peer:
    """The C program at the other end of two pipes."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, kind, data=b""):
        """One frame there and one back: the outcome and the bytes."""
        self.process.stdin.write(kind.encode() + len(data).to_bytes(4, "little") + data)
        self.process.stdin.flush()
        head = self.process.stdout.read(5)
        return head[0], self.process.stdout.read(int.from_bytes(head[1:], "little"))

    def end(self):
        """Close the pipes; how the program ended."""
        self.process.stdin.close()
        return self.process.wait()


def text(rng, most):
    """Text of at most so many bytes, from one to four a character."""
    result = ""
    while rng.random() < 0.85:
        result += rng.choice("az\t\x7f\u00e9\u07ff\u0800\u20ac\uffff\U00010000\U0010ffff")
    while len(result.encode()) > most:
        result = result[:-1]
    return result


def blob(rng, most):
    return rng.randbytes(rng.randint(0, most))


def integer(rng, bits, signed):
    """Any value of a type, its edges often."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return rng.choice([low, high, 0, 1, rng.randint(low, high)])


def fill_tag(rng, tag):
    tag.text = text(rng, 8)
    tag.color = rng.randint(0, 2)


def fill_point(rng, point):
    point.x = integer(rng, 32, True)
    point.y = integer(rng, 16, True)


def fill_all(rng, message):
    message.flag = rng.random() < 0.5
    for name, bits in zip("abcd", (8, 16, 32, 64)):
        setattr(message, name, integer(rng, bits, True))
    for name, bits in zip("efgh", (8, 16, 32, 64)):
        setattr(message, name, integer(rng, bits, False))
    message.i = rng.choice([0.0, -1.5, 2.0**100])
    message.j = rng.choice([0.0, rng.random(), -1e308])
    message.for_ns = integer(rng, 64, False)
    message.at_ns = integer(rng, 64, False)
    message.text = text(rng, 16)
    message.blob = blob(rng, 16)
    message.color = rng.randint(0, 2)
    fill_point(rng, message.point)
    fill_tag(rng, message.tag)
    message.base, message.n_items, message.has_flag = 1, 2, True
    if rng.random() < 0.5:
        message.maybe_flag = rng.random() < 0.5
    if rng.random() < 0.5:
        message.maybe_number = integer(rng, 32, False)
    if rng.random() < 0.5:
        message.maybe_text = text(rng, 8)
    if rng.random() < 0.5:
        message.maybe_blob = blob(rng, 8)
    if rng.random() < 0.5:
        message.maybe_color = rng.randint(0, 2)
    if rng.random() < 0.5:
        fill_point(rng, message.maybe_point)


def fill_lists(rng, message):
    def several(most, make):
        return [make() for _ in range(rng.randint(0, most))]

    message.flags.extend(several(3, lambda: rng.random() < 0.5))
    message.small.extend(several(3, lambda: integer(rng, 8, True)))
    message.numbers.extend(several(20, lambda: integer(rng, 64, True)))
    message.bytes.extend(several(4, lambda: integer(rng, 8, False)))
    message.halves.extend(several(3, lambda: integer(rng, 16, False)))
    message.reals.extend(several(3, rng.random))
    message.times.extend(several(3, lambda: integer(rng, 64, False)))
    message.colors.extend(several(4, lambda: rng.randint(0, 2)))
    message.words.extend(several(3, lambda: text(rng, 8)))
    message.chunks.extend(several(3, lambda: blob(rng, 8)))
    for _ in range(rng.randint(0, 4)):
        fill_point(rng, message.points.add())
    for _ in range(rng.randint(0, 3)):
        fill_tag(rng, message.tags.add())
    message.four.extend(integer(rng, 32, False) for _ in range(4))
    message.shorts.extend(integer(rng, 16, True) for _ in range(2))
    for _ in range(2):
        fill_point(rng, message.pair.add())
    message.names.extend(text(rng, 4) for _ in range(2))


def check_same(peer, wire):
    """What Python makes comes back as it was, and byte by byte: both write in order of tags."""
    for seed in range(300):
        rng = random.Random(seed)
        for kind, make, fill in (("a", wire.All, fill_all), ("l", wire.Lists, fill_lists)):
            message = make()
            fill(rng, message)
            outcome, back = peer.ask(kind, message.SerializeToString())
            assert outcome == 0, (seed, outcome, message)
            assert back == message.SerializeToString(), (seed, message, make.FromString(back))


def check_unknown(peer, wire):
    """A newer message passes through an older program."""
    newer = wire.Newer(id=5, owner="somebody", seen=1 << 60, ratio=0.5)
    for i in range(3):
        newer.points.add(x=i, y=-i)
    outcome, back = peer.ask("k", newer.SerializeToString())
    assert outcome == 0 and wire.Newer.FromString(back) == newer
    message = wire.All()
    fill_all(random.Random(1), message)
    message.tag.MergeFromString(UNKNOWN)
    outcome, back = peer.ask("a", message.SerializeToString() + UNKNOWN)
    back = wire.All.FromString(back)
    assert outcome == 0 and back == message  # the tag's are kept, the message's own dropped
    assert UNKNOWN in back.SerializeToString()


def check_refused(peer, wire):
    """What Python may write and the schema does not allow."""
    for message, expected in (
            (wire.All(text="0123456789abcdefg"), SN_TOO_LARGE),
            (wire.All(text="a\0b"), SN_INVALID),
            (wire.All(a=128), SN_INVALID),
            (wire.All(b=-32769), SN_INVALID),
            (wire.All(e=256), SN_INVALID),
            (wire.All(f=65536), SN_INVALID)):
        assert peer.ask("a", message.SerializeToString())[0] == expected, message
    assert peer.ask("l", wire.Lists(four=[1, 2, 3]).SerializeToString())[0] == SN_INVALID
    assert peer.ask("l", wire.Lists(flags=[True] * 4).SerializeToString())[0] == SN_TOO_LARGE
    entry = wire.CommonEntry(name="0123456789abcdef", level=wire.COMMON_LEVEL_HIGH)
    reply = wire.AskReply(found=entry)
    assert peer.ask("r", reply.SerializeToString()) == (0, reply.SerializeToString())
    reply.more.add(name="x")
    assert peer.ask("r", reply.SerializeToString())[0] == SN_TOO_LARGE


def check_fixed(peer, wire):
    """What C makes of its own structs is what they say."""
    outcome, data = peer.ask("F")
    full = wire.All.FromString(data)
    assert outcome == 0
    assert (full.a, full.b, full.c, full.d) == (-1 << 7, -1 << 15, -1 << 31, -1 << 63)
    assert (full.e, full.f, full.g, full.h) == (255, 65535, 2**32 - 1, 2**64 - 1)
    assert full.at_ns == 1795235000000000000 and full.for_ns == 2**64 - 1
    assert full.text == "0123456789abcdef" and len(full.blob) == 16 and full.blob[3] == 255
    assert full.tag.text == "Gr\u00fc\u00dfe!" and full.tag.color == wire.COLOR_GREEN
    assert UNKNOWN in full.tag.SerializeToString()
    assert full.HasField("maybe_flag") and not full.maybe_flag
    assert full.HasField("maybe_color") and full.maybe_color == wire.COLOR_NONE
    assert (full.maybe_point.x, full.maybe_point.y) == (2**31 - 1, -1)
    outcome, data = peer.ask("L")
    lists = wire.Lists.FromString(data)
    assert outcome == 0
    assert list(lists.small) == [-128, 0, 127] and list(lists.flags) == [True, False, True]
    assert list(lists.numbers)[:5] == [-1 << 63, -1, 0, 1, 2**63 - 1] and len(lists.numbers) == 20
    assert list(lists.words) == ["12345678", "", "\u20ac"] and lists.chunks[2] == b"\xff"
    assert [(p.x, p.y) for p in lists.points][3] == (-1 << 31, -1 << 15)
    assert list(lists.four) == [1, 2, 3, 2**32 - 1] and list(lists.names) == ["left", ""]
    assert [tag.text for tag in lists.tags] == ["Gr\u00fc\u00dfe!"] * 3


def main():
    wire = load(sys.argv[2])
    peer = Peer(sys.argv[1])
    check_fixed(peer, wire)
    check_same(peer, wire)
    check_unknown(peer, wire)
    check_refused(peer, wire)
    assert peer.end() == 0


main()
