#!/usr/bin/env python3
"""Draws the README's pictures from real output: docs/pictures.py [PATH OF ntpkit].

Queries only the daemons of `ntpkit demo` on the loopback interface. Uses only the standard library.
"""
import html
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
PALETTE = {31: "#e06c75", 32: "#98c379", 33: "#e5c07b", 34: "#61afef", 35: "#c678dd", 36: "#56b6c2"}
ADVANCE, HEIGHT, MARGIN = 8.43, 18, 14


def terminal_svg(command, text):
    """Returns an SVG of a terminal showing a command line and its coloured output (SGR sequences)."""
    lines = [f"$ {command}", *text.rstrip("\n").split("\n")]
    columns = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    width, height = columns * ADVANCE + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    rows = []
    for at, line in enumerate(lines):
        spans, style = [], ""
        for part in re.split(r"(\x1b\[[0-9;]*m)", line):
            if part.startswith("\x1b["):
                style = span_style(part[2:-1], style)
            elif part:
                spans.append(f"<tspan{style}>{html.escape(part)}</tspan>")
        rows.append(f'<text x="{MARGIN}" y="{MARGIN + (at + 0.75) * HEIGHT:.1f}" xml:space="preserve">{"".join(spans)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" font-family="DejaVu Sans Mono, Menlo, '
            f'Consolas, monospace" font-size="14" fill="#d7dae0">\n<rect width="100%" height="100%" rx="8" fill="#21252b"/>\n'
            + "\n".join(rows) + "\n</svg>\n")


def span_style(codes, before):
    """Returns a span's attributes after an SGR sequence."""
    style = before
    for code in (int(code or 0) for code in codes.split(";")):
        if code in (0, 39, 22):
            style = ""
        elif code == 1:
            style += ' font-weight="bold"'
        elif code in PALETTE or code - 60 in PALETTE:
            style += f' fill="{PALETTE.get(code) or PALETTE[code - 60]}"'
    return style


def time_only(server):
    """Answers time requests but no queries, like ntpd with `restrict default noquery`."""
    while True:
        request, client = server.recvfrom(1024)
        if request and request[0] & 7 == 3 and len(request) >= 48:
            reply = bytearray(48)
            reply[0], reply[1], reply[2], reply[3] = 0x24, 2, 6, 0xE8
            reply[24:32] = request[40:48]
            reply[32:48] = bytes.fromhex("eeb4f97903b7cab1") * 2
            server.sendto(bytes(reply), client)


def main():
    ntpkit = sys.argv[1] if len(sys.argv) > 1 else "target/release/ntpkit"
    with subprocess.Popen([ntpkit, "demo", "--serve", "campus"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as demo:
        address = demo.stdout.readline().split()[-1]
        peers = subprocess.run([ntpkit, "ntpq", "--color", "always", "-pn", address], capture_output=True, text=True, check=True).stdout
        demo.stdin.close()
    heading, rule, *rows = peers.splitlines()
    shown = [row for row in rows if re.sub(r"\x1b\[[0-9;]*m", "", row)[:1] in "*+-x#"][:5] + [row for row in rows if ".INIT." in row][:1]
    (HERE / "peers.svg").write_text(terminal_svg("ntpq -pn time.example", "\n".join([heading, rule, *shown])))

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        threading.Thread(target=time_only, args=(server,), daemon=True).start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        done = subprocess.run([ntpkit, "ntpq", "-W", "96", "-pn", address], capture_output=True, text=True, check=False)
    text = (done.stdout + done.stderr).replace(address, "time.example").replace("127.0.0.1", "time.example")
    text = "\n".join(line for whole in text.splitlines() for line in wrap(whole, 92))
    (HERE / "diagnosis.svg").write_text(terminal_svg("ntpq -pn time.example", f"{text}\n$ echo $?\n{done.returncode}"))


def wrap(line, width):
    """Yields the pieces of a line wrapped at spaces to a terminal's width."""
    while len(line) > width:
        cut = line.rfind(" ", 0, width)
        yield line[:cut]
        line = line[cut + 1:]
    yield line


if __name__ == "__main__":
    main()
