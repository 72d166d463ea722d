// The server's side of Digest authentication (RFC 2617) on one connection.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rtspproxy::registration {

// One connection's nonce. An answer is accepted only on the connection that the challenge went out
// on, and only for kNonceLifetime, so that one that was overheard is of no use elsewhere. Belongs
// to one thread.
class DigestChallenge {
  public:
    using Clock = std::chrono::steady_clock;
    // The password of a user, if there is such a user.
    using PasswordLookup = std::function<std::optional<std::string>(std::string_view user)>;

    enum class Verdict {
        Accepted,
        Missing,  // no Authorization header: not an attempt
        Stale,    // right password, but not (or no longer) our nonce: ask again with stale=true
        Rejected, // malformed, unknown user, wrong password, or meant for another URL
    };

    static constexpr std::chrono::seconds kNonceLifetime{60};

    // Judges an Authorization header for `method` on `url`.
    [[nodiscard]] Verdict verify(std::string_view realm, std::string_view method,
                                 std::string_view url,
                                 const std::optional<std::string>& authorization,
                                 const PasswordLookup& password_of, Clock::time_point now) const;

    // A new nonce, as the value of a WWW-Authenticate header. The order of the parameters is one
    // that live555's client can read: it scans for exactly `realm`, `nonce` and then perhaps
    // `stale`.
    [[nodiscard]] std::string renew(std::string_view realm, bool stale, Clock::time_point now);

  private:
    std::string nonce_; // empty: none issued yet
    Clock::time_point issued_;
};

} // namespace rtspproxy::registration
