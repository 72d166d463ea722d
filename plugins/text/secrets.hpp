// Where in a URL passwords may stand: the one place that knows it, for the program and the
// elements.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::text {

// A stretch of bytes in a text.
struct Span {
    std::size_t begin;
    std::size_t length;
    bool operator==(const Span&) const = default;
};

// The length of the scheme that `text` starts with ("rtsp" of "rtsp://…"), or npos if what stands
// before "://" is none (RFC 3986 §3.1).
[[nodiscard]] std::size_t find_scheme_end(std::string_view text);

// Where `text` (a URL, or a failed attempt at one) holds what is or may be a password, in ascending
// order:
//   - the password of user:password@, also where the text is no valid URL ("cam:secret@host") and
//     where an unencoded '@', '/', '?' or '#' in the password moved the end of the host part;
//   - the value of password=, passwd=, pass=, pwd=, psw= or pw= in the path or the query, as many
//     cameras want it (rtsp://camera/user=admin_password=secret_channel=1).
// When in doubt too much is reported rather than too little: an '@' in the path of a URL that has a
// port is taken for the end of a password. An empty password is an empty span.
[[nodiscard]] std::vector<Span> secret_spans(std::string_view text);

// `text` with "***" in place of each of `secrets`, which are in ascending order.
[[nodiscard]] std::string mask(std::string_view text, const std::vector<Span>& secrets);

// `text` with "***" for every secret, whatever its length: rtsp://user:***@host/path.
[[nodiscard]] std::string mask_secrets(std::string_view text);

// Any line of text with the secrets of each URL in it masked.
[[nodiscard]] std::string mask_urls_within(std::string_view line);

} // namespace rtspproxy::text
