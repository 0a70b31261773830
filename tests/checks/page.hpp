#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

/// The column in which text stands that has a label to its left.
inline constexpr std::size_t text_column = 20;

/// 100 columns, those of the terminal where it has fewer, or what printed() has set.
std::size_t page_width();

/// The columns from text_column to the right edge.
std::size_t text_width();

enum class Colour { red, green, yellow, dim, bold };

/// `text` in that colour when the output is a terminal and NO_COLOR is not set, or empty.
std::string coloured(Colour colour, const std::string& text);

/// Prints a label and lines to its right.
void print_labelled(const std::string& label, const std::vector<std::string>& lines);

/// Prints a label and text to its right, wrapped; nothing when there is no text.
void print_text(const std::string& label, const std::string& text);

/// What `print` prints, on a page of `width` columns and without colours, instead of the output.
std::string printed(std::size_t width, const std::function<void()>& print);
