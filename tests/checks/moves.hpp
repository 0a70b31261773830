#pragma once

#include <string_view>

/// The move of its step after which a check passes, as moves.inc has it. 99: that is not known, for
/// the step is not cut into moves.
int move_of(std::string_view check);

/// Whether a check is the first one of its move, wherever it stands in its file.
bool leads(std::string_view check);
