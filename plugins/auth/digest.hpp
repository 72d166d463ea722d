// The arithmetic of Digest authentication (RFC 7616, and RFC 2617 and 2069 before it).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rtspproxy::auth {

enum class Algorithm { Md5, Md5Session, Sha256, Sha256Session };
// Of the parameter `algorithm`; without one it is MD5. Nothing: not one of these.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name);
[[nodiscard]] std::string_view to_string(Algorithm algorithm);
// The hash of a secret of this session rather than of the password (RFC 7616 §3.4.2).
[[nodiscard]] bool is_session(Algorithm algorithm);
[[nodiscard]] bool is_sha256(Algorithm algorithm);

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
    Algorithm algorithm = Algorithm::Md5;
};
// The `response` parameter: 32 lower-case hexadecimal digits, with SHA-256 64.
[[nodiscard]] std::string digest_response(const DigestInput& input);

// 32 hexadecimal digits from the kernel's random numbers.
[[nodiscard]] std::string make_nonce();

// Takes the same time wherever the first difference is.
[[nodiscard]] bool equals_in_constant_time(std::string_view left, std::string_view right);

} // namespace rtspproxy::auth
