"""Runs a program on a terminal of its own and prints what a person would see.

screen.py COLUMNS [DO…] -- PROGRAM [ARGUMENT…]

What is done, in this order, while the program runs:
    await REGEX    wait until the screen matches
    snap           print the screen
    resize COLUMNS
    type KEYS      ^C is Ctrl-C
    run COMMAND    elsewhere, to its end
The screen is printed once more when the program has ended, and then its exit code.

The terminal folds long lines as it gets narrower, as most do. It stops at what it does not know.
"""
import fcntl, os, pty, re, select, shutil, struct, subprocess, sys
import termios, time, unicodedata


class Screen:
    def __init__(self, columns):
        self.columns, self.lines, self.row, self.at = columns, [""], 0, 0
        self.wraps, self.other, self.shown, self.left = True, None, True, ""

    def __str__(self):
        rows = []
        for line in self.lines:
            rows += [line[i:i + self.columns] for i in range(0, len(line), self.columns)] or [""]
        return "\n".join(row.rstrip() for row in rows).rstrip("\n") + "\n"

    def put(self, c):
        if not self.wraps and self.at % self.columns == self.columns - 1 and len(self.lines[self.row]) > self.at:
            pass  # the last column is written over
        line = self.lines[self.row].ljust(self.at)
        self.lines[self.row] = line[:self.at] + c + line[self.at + 1:]
        if self.wraps or self.at % self.columns < self.columns - 1:
            self.at += 1

    def feed(self, text):
        text, self.left = self.left + text, ""
        i = 0
        while i < len(text):
            c = text[i]
            i += 1
            if c == "\x1b":
                m = re.compile(r"\[(\??[\d;]*)([A-Za-z])").match(text, i)
                if not m:
                    if len(text) - i > 16:
                        sys.exit("unknown sequence: %r" % text[i:i + 16])
                    self.left = text[i - 1:]
                    return
                i = m.end()
                self.control(m[1], m[2])
            elif c == "\r":
                self.at -= self.at % self.columns
            elif c == "\n":
                self.row, self.at = self.row + 1, 0
                if self.row == len(self.lines):
                    self.lines.append("")
            elif c >= " ":
                for _ in range(2 if unicodedata.east_asian_width(c) in "WF" else 1):
                    self.put(c)
            elif c != "\t":
                sys.exit("unknown control character: %r" % c)
            else:
                self.put(" ")
                while self.at % 8:
                    self.put(" ")

    def control(self, number, letter):
        if letter == "m":
            return
        if (number, letter) in (("", "J"), ("0", "J")):
            self.lines[self.row] = self.lines[self.row][:self.at]
            del self.lines[self.row + 1:]
        elif (number, letter) == ("", "K"):
            self.lines[self.row] = self.lines[self.row][:self.at]
        elif (number, letter) == ("", "H"):
            self.row = self.at = 0
        elif number == "?7":
            self.wraps = letter == "h"
        elif number == "?25":
            self.shown = letter == "h"
        elif (number, letter) == ("?1049", "h"):
            self.other = self.lines, self.row, self.at
            self.lines, self.row, self.at = [""], 0, 0
        elif (number, letter) == ("?1049", "l"):
            (self.lines, self.row, self.at), self.other = self.other, None
        else:
            sys.exit("unknown sequence: %r" % (number + letter))


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def main():
    columns, split = int(sys.argv[1]), sys.argv.index("--")
    todo, program = sys.argv[2:split], sys.argv[split + 1:]
    screen = Screen(columns)
    pid, terminal = pty.fork()
    if pid == 0:
        resize(0, columns)
        os.environ.setdefault("TERM", "xterm")
        os.execv(shutil.which(program[0]), program)
    deadline = time.monotonic() + 90
    while True:
        while todo:
            verb, _, value = todo[0].partition(" ")
            if verb == "await" and not re.search(value, str(screen), re.M):
                break
            todo.pop(0)
            if verb == "snap":
                print("--", str(screen), sep="\n", end="")
            elif verb == "resize":
                screen.columns = int(value)
                resize(terminal, screen.columns)
            elif verb == "run":
                subprocess.run(value, shell=True, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            elif verb == "type":
                os.write(terminal, value.replace("^C", "\x03").replace("\\n", "\n").encode())
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            sys.exit("it waits for %s and sees\n%s" % (todo, screen))
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            text = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not text:
            break
        screen.feed(text.decode(errors="replace"))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print("--", str(screen), sep="\n", end="")
    print("exit", code)
    if todo:
        sys.exit("it ended before %s" % todo)
    if not screen.shown or not screen.wraps or screen.other:
        sys.exit("the terminal is left in another state")


main()
