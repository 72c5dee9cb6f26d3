"""What befalls files: bits turn, blocks become zeros, ends are missing."""

BLOCK = 4096


def mutated(data, dice):
    """The bytes after one mishap, never the same as before."""
    while True:
        changed = dice.choice((_flipped, _cut, _zeroed))(bytearray(data), dice)
        if changed != data:
            return bytes(changed)


def _place(data, dice):
    """Anywhere, headers more often than their size would have it."""
    return dice.randrange(min(len(data), 3 * BLOCK) if dice.random() < 0.3 else len(data))


def _flipped(data, dice):
    for _ in range(dice.choice((1, 1, 8))):
        data[_place(data, dice)] ^= 1 << dice.randrange(8)
    return data


def _cut(data, dice):
    return data[: _place(data, dice)]


def _zeroed(data, dice):
    begin = _place(data, dice) // BLOCK * BLOCK
    end = min(len(data), begin + BLOCK * dice.choice((1, 4)))
    data[begin:end] = bytes(end - begin)
    return data
