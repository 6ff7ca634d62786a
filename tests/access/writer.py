"""`python -m tests.access.writer NAME N`: writes N records, or for ever when N is 0."""

from __future__ import annotations

import itertools
import sys

from ingestion.access import ACCESS, Access, Who


def main(name: str, records_n: int) -> None:
    who = Who(name, "os-user", "terminal")
    for number in itertools.count(1):
        access = Access("sql", ("fct_indicator",), f"select {number}", rows=number, who=who)
        entry = ACCESS.append(access, durable=number % 3 == 0)
        print(entry.sequence, flush=True)
        if number == records_n:
            return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
