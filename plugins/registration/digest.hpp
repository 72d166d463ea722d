// HTTP Digest authentication as RTSP uses it (RFC 2617): the arithmetic, and the client's side. MD5
// only, which is all that RTSP 1.0 peers speak; it keeps passwords off the wire, no more.
#pragma once

#include "plugins/support/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rtspproxy::registration {

// The parameters of `Digest name="value", name=value…`; names in lower case.
using AuthenticationParameters = std::map<std::string, std::string, std::less<>>;

// Parses an Authorization or WWW-Authenticate value. Fails if it is of another scheme than Digest,
// malformed, or names a parameter twice. Errors do not quote the value.
[[nodiscard]] Result<AuthenticationParameters> parse_digest_parameters(std::string_view value);

// `text` in double quotes, with \ and " escaped.
[[nodiscard]] std::string quote(std::string_view text);

struct DigestInput {
    std::string_view user;
    std::string_view realm;
    std::string_view password;
    std::string_view nonce;
    std::string_view method;
    std::string_view uri;
    // Set all three for qop=auth (RFC 2617 §3.2.2.1), none for the RFC 2069 form.
    std::string_view qop{};
    std::string_view nonce_count{};
    std::string_view client_nonce{};
};
// The `response` parameter: 32 lower-case hexadecimal digits.
[[nodiscard]] std::string digest_response(const DigestInput& input);

struct Account {
    std::string user;
    std::string password;
};
// Answers a WWW-Authenticate value: the value of the Authorization header. Supports MD5 without qop
// and with qop=auth.
[[nodiscard]] Result<std::string> answer_challenge(std::string_view challenge,
                                                   const Account& account, std::string_view method,
                                                   std::string_view url);

// 32 hexadecimal digits from the kernel's random numbers.
[[nodiscard]] std::string make_nonce();

// Takes the same time wherever the first difference is.
[[nodiscard]] bool equals_in_constant_time(std::string_view left, std::string_view right);

} // namespace rtspproxy::registration
