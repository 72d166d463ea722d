// Authenticator: logs in where a server asks for it (401, WWW-Authenticate), with the strongest of
// what it offers: Digest with SHA-256, Digest with MD5, Basic (RFC 7616, 2617 and 7617).
#pragma once

#include "plugins/auth/digest.hpp"
#include "plugins/auth/parameters.hpp"
#include "plugins/support/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::auth {

struct Account {
    std::string user;
    std::string password;
};

// Belongs to one thread, and to one conversation with a server.
class Authenticator {
  public:
    struct Policy {
        bool basic = true; // Basic will do, which sends the password as it is
        // Digest with qop=auth where it is offered. Without, the form of RFC 2069, which many a
        // camera that offers qop understands only.
        bool qop = true;
    };
    Authenticator(Account account, Policy policy);

    // Takes the values of all WWW-Authenticate headers of a response. An error: none of them can be
    // answered; says what was asked for.
    Result<void> challenge(const std::vector<std::string>& values);
    // The value of the Authorization header of a request; nothing as long as nobody asked.
    [[nodiscard]] std::optional<std::string> authorize(std::string_view method,
                                                       std::string_view uri);

    // The last challenge said that the login was right and only the nonce too old.
    [[nodiscard]] bool stale() const { return stale_; }
    // What is asked for may be answered with qop and without.
    [[nodiscard]] bool leaves_choice() const {
        return digest_ && digest_->qop_offered && !is_session(digest_->algorithm);
    }

  private:
    struct Digest {
        Algorithm algorithm = Algorithm::Md5;
        bool names_algorithm = false; // the challenge does, so the answer does
        bool qop_offered = false;
        bool qop = false; // used
        std::string realm, nonce;
        std::optional<std::string> opaque;
        std::string client_nonce;
        std::uint32_t nonce_count = 0;
    };

    [[nodiscard]] Result<Digest> read(const Challenge& challenge) const;
    void adopt(Digest digest);
    [[nodiscard]] std::string digest_answer(std::string_view method, std::string_view uri);

    Account account_;
    Policy policy_;
    std::optional<Digest> digest_;
    bool basic_ = false;
    bool stale_ = false;
};

} // namespace rtspproxy::auth
