#include "plugins/registration/digest_challenge.hpp"

#include "plugins/auth/digest.hpp"
#include "plugins/auth/parameters.hpp"
#include "plugins/registration/message.hpp"

namespace rtspproxy::registration {

namespace {

using auth::equals_in_constant_time;

std::string_view without_trailing_slash(std::string_view url) {
    return url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
}

} // namespace

DigestChallenge::Verdict DigestChallenge::verify(std::string_view realm, std::string_view method,
                                                 std::string_view url,
                                                 const std::optional<std::string>& authorization,
                                                 const PasswordLookup& password_of,
                                                 Clock::time_point now) const {
    if (!authorization)
        return Verdict::Missing;
    const auto parameters = auth::parse_digest_parameters(*authorization);
    if (!parameters)
        return Verdict::Rejected;
    const auto value = [&parameters](std::string_view name) {
        const auto found = parameters->find(name);
        return found == parameters->end() ? std::string_view() : std::string_view(found->second);
    };
    const std::string_view algorithm = value("algorithm");
    // A challenge without qop must be answered without (RFC 2617 §3.2.2).
    const bool understood = (algorithm.empty() || equals_ignoring_case(algorithm, "MD5")) &&
                            !parameters->contains("qop");
    const std::string_view uri = value("uri");
    const bool same_url = without_trailing_slash(uri) == without_trailing_slash(url);

    // An unknown user costs the same arithmetic as a known one.
    const std::optional<std::string> password = password_of(value("username"));
    const std::string expected = auth::digest_response({.user = value("username"),
                                                        .realm = realm,
                                                        .password = password ? *password : "",
                                                        .nonce = value("nonce"),
                                                        .method = method,
                                                        .uri = uri});
    const bool right = equals_in_constant_time(value("response"), expected);
    if (!right || !password || !understood || !same_url || value("realm") != realm)
        return Verdict::Rejected;
    const bool current = !nonce_.empty() && equals_in_constant_time(value("nonce"), nonce_) &&
                         now - issued_ <= kNonceLifetime;
    return current ? Verdict::Accepted : Verdict::Stale;
}

std::string DigestChallenge::renew(std::string_view realm, bool stale, Clock::time_point now) {
    nonce_ = auth::make_nonce();
    issued_ = now;
    std::string challenge = "Digest realm=" + auth::quote(realm) + ", nonce=" + auth::quote(nonce_);
    if (stale)
        challenge += ", stale=true";
    return challenge;
}

} // namespace rtspproxy::registration
