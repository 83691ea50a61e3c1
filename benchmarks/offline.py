"""Verify proofs as another machine would: `python -m benchmarks.offline KEY FILE…`, by nothing but the public key."""

import json
import sys
from pathlib import Path

from store.ledger.notes import VerifierKey
from store.ledger.verify import ProofFault, verify_file


def main(key: str, files: list[str]) -> None:
    """Print the customers' jobs that the files prove; the first file that proves nothing ends it with its fault."""
    verifier, proven = VerifierKey.parse(key), []
    for file in files:
        try:
            found = verify_file(Path(file).read_bytes(), verifier)
        except ProofFault as fault:
            sys.exit(f"{file}: {fault.kind}: {fault}")
        if not isinstance(found.receipt, dict):
            sys.exit(f"{file}: its receipt is no object")
        proven.append(str(found.receipt["job_id"]))
    json.dump(proven, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
