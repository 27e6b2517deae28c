#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wordcount against the usual shell pipeline.

  wordcount_test.py <case> <wordcount> <wordcount-baseline>
"""
import os
import pty
import random
import resource
import select
import subprocess
import sys
import tempfile
import unittest

CASE, WORDCOUNT, BASELINE = sys.argv[1:]
MIB = 1 << 20
PIPELINE = (r"tr -cs 'A-Za-z' '\n' | tr A-Z a-z | sed '/^$/d' | sort | uniq -c | "
            r"sort -k1,1nr -k2,2 | sed 's/^ *//'")
SHARDS = ("1", "2", "4")


def pipeline(data):
    """What the issue's pipeline counts."""
    run = subprocess.run(["sh", "-c", PIPELINE], input=data, capture_output=True, check=True,
                         env={**os.environ, "LC_ALL": "C"})
    return run.stdout


def wordcount(*arguments, data=b""):
    return subprocess.run([WORDCOUNT, *arguments], input=data, capture_output=True, check=False)


def some_text(size, seed, word_max=14):
    """Words of all lengths, with what stands between words in texts."""
    draw = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxzETAOIN"
    words = ["".join(draw.choices(letters, k=draw.randint(1, word_max))) for _ in range(20000)]
    gaps = [" "] * 12 + [", ", ".\n", "-", "'", "  ", "\t", " 12 ", "_", "é", "\r\n", ": ", "/"]
    parts = []
    length = 0
    while length < size:
        parts.append(draw.choice(words) + draw.choice(gaps))
        length += len(parts[-1])
    return "".join(parts).encode()[:size]


class Wordcount(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def expect(self, data, *arguments, stdin=b""):
        """All shard counts say what the pipeline says, and nothing on standard error."""
        expected = pipeline(data)
        for shards in SHARDS:
            run = wordcount("--shards", shards, "--top", "0", *arguments, data=stdin)
            self.assertEqual((0, b""), (run.returncode, run.stderr))
            self.assertTrue(expected == run.stdout, f"{shards} shards: another result")

    def expect_error(self, message, counted, *arguments):
        """Everything else is counted, but the message is printed and the exit code is 1."""
        for shards in SHARDS:
            run = wordcount("--shards", shards, "--top", "0", *arguments)
            self.assertEqual(1, run.returncode)
            self.assertEqual(message.encode() + b"\n", run.stderr)
            self.assertEqual(pipeline(counted), run.stdout)

    def test_texts(self):
        for seed in range(4):
            data = some_text(300_000, seed)
            self.expect(data, self.file("text", data))
        for data in b"a", b"A a\n", b"\n", b"a1b", b"no newline at the end Of it", b"x" * 9:
            self.expect(data, self.file("text", data))

    def test_several_files(self):
        texts = [some_text(50_000, seed) for seed in range(7)]
        paths = [self.file(f"text {i}", text) for i, text in enumerate(texts)]
        # A file's end ends its last word.
        self.expect(b"\n".join(texts), *paths)
        self.expect(b"\n".join(texts), "--", *paths)

    def test_standard_input(self):
        data = some_text(700_000, 11)
        self.expect(data, stdin=data)
        self.expect(data, "-", stdin=data)
        self.expect(data + b"\n" + data, "-", self.file("text", data), stdin=data)

    def test_binary(self):
        data = random.Random(5).randbytes(2 * MIB)
        self.expect(data, self.file("binary", data))
        self.expect(data, stdin=data)
        data = bytes(range(256)) * 100 + b"\0word\0word\xff"
        self.expect(data, self.file("binary", data))

    def test_empty(self):
        self.expect(b"")
        self.expect(b"", self.file("empty", b""))
        self.expect(b"", "/dev/null", self.file("blank", b" \n12.\n" * 1000))

    def test_missing(self):
        path = os.path.join(self.folder.name, "missing")
        text = self.file("text", b"one two two")
        message = f"wordcount: {path}: No such file or directory"
        self.expect_error(message, b"one two two", path, text)
        self.expect_error(message, b"one two two", text, path)
        self.expect_error(message, b"", path)

    def test_not_a_file(self):
        text = self.file("text", b"one two two")
        self.expect_error(f"wordcount: {self.folder.name}: Is a directory", b"one two two",
                          self.folder.name, text)
        if os.geteuid() != 0:  # root may read everything
            locked = self.file("locked", b"secret")
            os.chmod(locked, 0)
            self.expect_error(f"wordcount: {locked}: Permission denied", b"one two two", text,
                              locked)

    def test_borders(self):
        """Files that are cut into pieces (of 4 MiB), with words across every cut."""
        data = some_text(9 * MIB + 12345, 21)
        self.expect(data, self.file("large", data))
        data = (b"abcdefg " * (MIB + 1))[3:]
        self.expect(data, self.file("regular", data), stdin=b"")
        self.expect(data, stdin=data)

    def test_longest_word(self):
        word = b"Ab" * (MIB // 2)
        for data in word, word + b" ", b"x " + word + b"\nx", word + b" " + word + b" y " + word:
            self.expect(data, self.file("long", data))
        self.expect(word, stdin=word)

    def test_too_long_word(self):
        word = b"a" * (MIB + 1)
        what = "a word of more than 1048576 letters was not counted"
        for data in word, b"x " + word + b" y", word * 5 + b" x " + word, word + b"\n":
            path = self.file("long", data)
            rest = b" ".join(part for part in data.split() if len(part) <= MIB)
            self.expect_error(f"wordcount: {path}: {what}", rest, path)
        run = wordcount("--shards", "2", data=word + b" z")
        self.assertEqual((1, b"1 z\n"), (run.returncode, run.stdout))
        self.assertEqual(f"wordcount: standard input: {what}\n".encode(), run.stderr)

    def test_long_words_at_borders(self):
        """Words of up to 1 MiB in a file that is cut into pieces."""
        draw = random.Random(3)
        parts = []
        while sum(map(len, parts)) < 10 * MIB:
            parts.append(draw.choice([b"k", b"Q", b"zz"]) * draw.randint(1, MIB // 2) + b" ")
        data = b"".join(parts)
        self.expect(data, self.file("long", data))

    def test_top(self):
        data = some_text(100_000, 31)
        path = self.file("text", data)
        lines = pipeline(data).splitlines(keepends=True)
        for top, count in ("1", 1), ("7", 7), ("1000000", len(lines)), ("0", len(lines)):
            run = wordcount("--top", top, path)
            self.assertEqual((0, b"".join(lines[:count])), (run.returncode, run.stdout))
        self.assertEqual(b"".join(lines[:10]), wordcount(path).stdout)
        self.assertEqual(b"".join(lines[:3]), wordcount(path, "--top=3").stdout)

    def test_options(self):
        for arguments in (["--top"], ["--top", "-1"], ["--top", "x"], ["--shards", "0"],
                          ["--shards", "1.5"], ["--shards", ""], ["--unknown"],
                          ["--top", "99999999999999999999999"]):
            run = wordcount(*arguments, "/dev/null")
            self.assertEqual((2, b""), (run.returncode, run.stdout), arguments)
            self.assertIn(b"usage: wordcount [--shards N] [--top K] [FILE...]", run.stderr)
        run = wordcount("--help")
        self.assertEqual((0, b""), (run.returncode, run.stderr))
        self.assertIn(b"usage: wordcount", run.stdout)

    def test_same_as_baseline(self):
        data = some_text(3 * MIB, 41) + random.Random(6).randbytes(MIB) + b"A" * MIB
        path = self.file("text", data)
        baseline = subprocess.run([BASELINE, path], capture_output=True, check=True)
        self.assertTrue(pipeline(data) == baseline.stdout, "the baseline is wrong")
        self.expect(data, path)

    def test_progress(self):
        """A bar on a terminal while the work goes on, and nothing of it left at the end."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([WORDCOUNT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=theirs) as process:
            os.close(theirs)
            process.stdin.write(b"word " * (MIB // 5 + 1))
            process.stdin.flush()
            seen = b""
            while b"1 MiB" not in seen:  # standard input stays open until the bar was seen
                self.assertTrue(select.select([ours], [], [], 60)[0], "no bar")
                seen += os.read(ours, 4096)
            process.stdin.close()
            self.assertEqual(b"%d word\n" % (MIB // 5 + 1), process.stdout.read())
            self.assertEqual(0, process.wait())
        while select.select([ours], [], [], 0)[0]:
            try:
                seen += os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
        os.close(ours)
        self.assertTrue(seen.endswith(b"\r\033[K"), seen)

    def test_closed_output(self):
        with open("/dev/full", "wb") as full:
            run = subprocess.run([WORDCOUNT, self.file("text", b"a b")], stdout=full,
                                 stderr=subprocess.PIPE, check=False)
        self.assertEqual((1, b"wordcount: No space left on device\n"),
                         (run.returncode, run.stderr))

    def test_memory(self):
        """The resident memory depends on the distinct words, not on the size of the input."""
        block = some_text(4 * MIB, 51)
        with subprocess.Popen([WORDCOUNT, "--top", "1"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            for _ in range(32):
                process.stdin.write(block)
            process.stdin.close()
            process.stdout.read()
            self.assertEqual(0, process.wait())
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak_kib, 64 * 1024)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], f"Wordcount.test_{CASE}"])
