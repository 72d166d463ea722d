// Basic and Digest-MD5 authentication (RFC 2617), both ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::bench {

struct Credentials {
    std::string user;
    std::string password;
};

enum class AuthKind { Basic, Digest, Both };

// The server's end: challenges, and checks what comes back.
class Authenticator {
  public:
    Authenticator(Credentials credentials, AuthKind kind);

    // Values of the WWW-Authenticate headers of a 401.
    [[nodiscard]] std::vector<std::string> challenges() const;
    [[nodiscard]] bool accepts(std::string_view authorization, std::string_view method) const;

  private:
    [[nodiscard]] bool accepts_digest(std::string_view fields, std::string_view method) const;

    Credentials credentials_;
    AuthKind kind_;
    std::string nonce_;
};

// The client's end: the Authorization value that answers one challenge of a 401.
[[nodiscard]] std::string answer_challenge(std::string_view challenge,
                                           const Credentials& credentials, std::string_view method,
                                           std::string_view uri);

} // namespace rtspproxy::bench
