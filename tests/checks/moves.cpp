#include "moves.hpp"

#include <algorithm>
#include <iterator>

namespace {

struct Entry {
  std::string_view check;
  int move;
};

// What tests/moves/judge.py has found: it judges the program after each move.
constexpr Entry entries[] = {
#include "moves.inc"
};

// Where the first check of a move, in the order of the files, is not the one that says best what the
// move is about: this one is run first, and so is what a student reads who has not begun.
constexpr std::string_view leading[] = {
    "answers 404 to GET",
    "understands a field line",
    "refuses HTTP/1.1 without Host",
    "refuses text that is no request at all",
    "refuses a target of 17,000 octets",
    "takes a target in absolute form",
    "keeps a connection open",
    "reads a body of a given length",
    "refuses a body of one octet over 16 MiB",
    "tells the application the type of its scope",
    "counts a body of a given length",
    "opens a WebSocket",
    "refuses RSV1 in a text",
    "puts two fragments together",
    "refuses a message larger than --ws-max-size",
};

}  // namespace

int move_of(std::string_view check) {
  const auto* const found = std::find_if(std::begin(entries), std::end(entries),
                                         [=](const Entry& entry) { return entry.check == check; });
  return found == std::end(entries) ? 99 : found->move;
}

bool leads(std::string_view check) {
  return std::find(std::begin(leading), std::end(leading), check) != std::end(leading);
}
