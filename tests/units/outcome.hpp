#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "http/error.hpp"

/// What a parser makes of some input: a result, a refusal, or neither yet.
struct Outcome {
  std::size_t size = 0;  ///< octets that were read; 0: the input is not complete
  int status = 0;  ///< of the refusal; 0: not refused
  std::string understood{};  ///< the result as text, or the rule that was broken

  bool operator==(const Outcome&) const = default;
};

/// For doctest's messages.
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

/// A parser under test; what it returns no longer looks at its input.
using Parser = std::function<Outcome(std::string_view)>;

/// Calls `parse`, which returns the outcome or nothing where the input is not complete. What it
/// throws becomes a refusal, whose rule must be one printable line.
Outcome outcome_of(const std::function<std::optional<Outcome>()>& parse);

/// Checks that neither the segments that the input comes in nor what follows it change what
/// `parser` makes of it: each proper prefix is not complete, or refused as the whole is; with
/// octets after it the outcome is the same. Returns the outcome for the whole.
Outcome check_every_split(const Parser& parser, std::string_view input);

/// `text`, `count` times.
std::string repeat(std::string_view text, std::size_t count);
