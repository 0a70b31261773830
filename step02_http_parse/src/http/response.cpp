#include "http/response.hpp"

#include <array>
#include <charconv>

namespace http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

// The phrases of RFC 9110 section 15 and RFC 6585; a client is to look at the number only.
constexpr std::array reasons = {
    Reason{200, "OK"},
    Reason{400, "Bad Request"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{414, "URI Too Long"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{501, "Not Implemented"},
    Reason{505, "HTTP Version Not Supported"},
};

std::string_view reason_phrase(int status) {
  for (const Reason& reason : reasons) {
    if (reason.status == status) return reason.phrase;
  }
  return "";
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_status_line(std::string& out, int status) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

void append_content_length(std::string& out, std::size_t size) {
  out += "content-length: ";
  append_number(out, size);
  out += "\r\n";
}

void end_head(std::string& out) { out += "\r\n"; }

void append_refusal(std::string& out, const Error& error, bool head_only) {
  const std::string_view rule = error.rule();
  append_status_line(out, error.status());
  append_field(out, "content-type", "text/plain");
  append_content_length(out, rule.size() + 1);
  append_field(out, "connection", "close");
  end_head(out);
  if (head_only) return;
  out += rule;
  out += '\n';
}

}  // namespace http
