// Authenticator: logs in where a server asks for it (401, WWW-Authenticate), with the strongest of
// what it offers: Digest with SHA-256, Digest with MD5, Basic (RFC 7616, 2617 and 7617).
#pragma once

#include "plugins/auth/account.hpp"
#include "plugins/auth/digest.hpp"
#include "plugins/auth/parameters.hpp"
#include "plugins/support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::auth {

// Belongs to one thread, and to one conversation with a server.
class Authenticator {
  public:
    struct Policy {
        bool basic = true; // Basic will do, which sends the password as it is
        // Which form of a Digest login, where several are possible: 0 is the strongest. There are
        // cameras that offer SHA-256 or qop and do not understand it.
        std::size_t form = 0;
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
    // In how many forms of Digest the last challenge can be answered.
    [[nodiscard]] std::size_t forms() const { return forms_; }

  private:
    struct Digest {
        Algorithm algorithm = Algorithm::Md5;
        bool names_algorithm = false; // the challenge does, so the answer does
        bool qop = false;             // used
        bool makes_do = false;        // without the qop that is offered, in the form of RFC 2069
        std::string realm, nonce;
        std::optional<std::string> opaque;
        std::string client_nonce;
        std::uint32_t nonce_count = 0;
    };

    [[nodiscard]] Result<void> add_forms(const Challenge& challenge,
                                         std::vector<Digest>& forms) const;
    void adopt(Digest digest);
    [[nodiscard]] std::string digest_answer(std::string_view method, std::string_view uri);

    Account account_;
    Policy policy_;
    std::optional<Digest> digest_;
    bool basic_ = false;
    bool stale_ = false;
    std::size_t forms_ = 0;
};

} // namespace rtspproxy::auth
