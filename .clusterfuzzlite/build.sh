#!/bin/bash -eu
# Every target as one CommonJS file for Jazzer.js, with its dictionary and its seed corpus beside it.
cd "$SRC/gauntlet"
npm run fuzz:entries -- --out "$SRC/entries" --corpora "$OUT"
# A fuzzer is named after its file, and finds its seed corpus by that name; the whole folder is copied with the first.
for entry in "$SRC"/entries/*.cjs; do mv "$entry" "${entry%.cjs}.js"; done
for entry in "$SRC"/entries/*.js; do compile_javascript_fuzzer entries "$(basename "$entry")" --sync; done
