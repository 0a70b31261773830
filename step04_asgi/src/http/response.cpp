#include "http/response.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <utility>

namespace http {
namespace {

// The phrases of RFC 9110 section 15; a client is to look at the number only.
std::string_view reason_phrase(int status) {
  switch (status) {
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
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

// The date is made anew once a second: it costs more than the rest of a short head.
void append_date(std::string& out) {
  thread_local std::time_t second = 0;
  thread_local std::array<char, 40> line;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    std::tm utc;
    gmtime_r(&now, &utc);
    std::strftime(line.data(), line.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    second = now;
  }
  out += line.data();
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
  append_field(out, "connection", "close");
  end_head(out);
  if (head_only) return;
  out += rule;
  out += '\n';
}

}  // namespace http
