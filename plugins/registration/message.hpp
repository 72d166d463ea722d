// What RTSP requests and responses have in common: header lines, and where they end (RFC 2326 §4).
#pragma once

#include "plugins/support/result.hpp"
#include "plugins/text/ascii.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::registration {

using text::equals_ignoring_case;
using text::trim;

struct Header {
    std::string name;
    std::string value; // without the white space around it
    bool operator==(const Header&) const = default;
};

class Headers {
  public:
    void add(std::string name, std::string value);
    // The first header of that name, in any case of letters; nullptr if there is none.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] auto begin() const { return headers_.begin(); }
    [[nodiscard]] auto end() const { return headers_.end(); }

  private:
    std::vector<Header> headers_;
};

// Result of looking for the blank line that ends a message's header lines.
struct HeaderEnd {
    enum class State {
        Incomplete, // not there yet
        Complete,   // `length` bytes, blank line included
        Malformed,  // a bare CR or LF, or another control character: more bytes will not mend it
    };
    State state = State::Incomplete;
    std::size_t length = 0;
};
[[nodiscard]] HeaderEnd find_header_end(std::string_view bytes);

// Start line and header lines of a complete message: what find_header_end() measured.
struct MessageHead {
    std::string start_line;
    Headers headers;
};
// Strict: no line folding, no white space before the colon, at most kMaxHeaders lines.
[[nodiscard]] Result<MessageHead> parse_head(std::string_view bytes);
inline constexpr std::size_t kMaxHeaders = 64;

// A whole string of decimal digits as a number ≤ `maximum`.
[[nodiscard]] std::optional<unsigned long> parse_number(std::string_view text,
                                                        unsigned long maximum);

} // namespace rtspproxy::registration
