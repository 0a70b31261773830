#include "http/response.hpp"

#include <array>
#include <charconv>

namespace http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

// The phrases of RFC 9110 section 15, RFC 8297 and RFC 6585; a client looks at the number only.
constexpr std::array reasons = {
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{103, "Early Hints"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{305, "Use Proxy"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{511, "Network Authentication Required"},
};

std::string_view reason_phrase(int status) {
  for (const Reason& reason : reasons) {
    if (reason.status == status) return reason.phrase;
  }
  return "";
}

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

}  // namespace

// IMF-fixdate = day-name "," SP date1 SP time-of-day SP GMT          (RFC 9110 section 5.6.7)
std::string to_date(std::time_t time) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc;
  gmtime_r(&time, &utc);
  std::array<char, 20> rest;
  std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &utc);
  std::string date = days[utc.tm_wday];
  date += utc.tm_mday < 10 ? ", 0" : ", ";
  date += std::to_string(utc.tm_mday) + ' ' + months[utc.tm_mon];
  return date + rest.data();
}

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

// The date is made anew once a second: it costs more than the rest of a short head.
void append_date(std::string& out) {
  thread_local std::time_t second = -1;
  thread_local std::string line;
  const std::time_t now = std::time(nullptr);
  if (now != second) line = "date: " + to_date(now) + "\r\n";
  second = now;
  out += line;
}

void append_connection(std::string& out, bool keep_alive, int minor_version) {
  if (!keep_alive) append_field(out, "connection", "close");
  if (keep_alive && minor_version == 0) append_field(out, "connection", "keep-alive");
}

void append_chunk_size(std::string& out, std::size_t size) {
  append_number(out, size, 16);
  out += "\r\n";
}

void end_head(std::string& out) { out += "\r\n"; }

void append_refusal(std::string& out, const Error& error, bool head_only) {
  const std::string_view rule = error.rule();
  append_status_line(out, error.status());
  append_field(out, "content-type", "text/plain");
  append_content_length(out, rule.size() + 1);
  append_date(out);
  for (const auto& [name, value] : error.fields()) append_field(out, name, value);
  append_field(out, "connection", "close");
  end_head(out);
  if (head_only) return;
  out += rule;
  out += '\n';
}

}  // namespace http
