#include "tests/bench/common/auth.hpp"

#include "tests/bench/common/base64.hpp"
#include "tests/bench/common/md5.hpp"
#include "tests/bench/common/rtsp_message.hpp"

#include <random>
#include <utility>

namespace rtspproxy::bench {
namespace {

constexpr std::string_view kRealm = "bench-camera";

// The value of `name="value"` or `name=value` in a comma separated list.
std::string field(std::string_view list, std::string_view name) {
    for (std::string_view part : split(list, ',')) {
        part = trimmed(part);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos ||
            !equals_ignoring_case(trimmed(part.substr(0, equals)), name))
            continue;
        std::string_view value = trimmed(part.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return std::string(value);
    }
    return {};
}

std::string digest_response(const Credentials& credentials, std::string_view realm,
                            std::string_view nonce, std::string_view method, std::string_view uri) {
    const std::string secret =
        md5_hex(credentials.user + ":" + std::string(realm) + ":" + credentials.password);
    const std::string request = md5_hex(std::string(method) + ":" + std::string(uri));
    return md5_hex(secret + ":" + std::string(nonce) + ":" + request);
}

std::string basic_response(const Credentials& credentials) {
    return "Basic " + base64(credentials.user + ":" + credentials.password);
}

} // namespace

Authenticator::Authenticator(Credentials credentials, AuthKind kind)
    : credentials_(std::move(credentials)), kind_(kind) {
    std::random_device random;
    nonce_ = md5_hex(std::to_string(random()) + std::to_string(random()));
}

std::vector<std::string> Authenticator::challenges() const {
    std::vector<std::string> list;
    const std::string realm(kRealm);
    if (kind_ != AuthKind::Basic)
        list.push_back("Digest realm=\"" + realm + "\", nonce=\"" + nonce_ + "\"");
    if (kind_ != AuthKind::Digest)
        list.push_back("Basic realm=\"" + realm + "\"");
    return list;
}

bool Authenticator::accepts_digest(std::string_view fields, std::string_view method) const {
    return field(fields, "username") == credentials_.user && field(fields, "nonce") == nonce_ &&
           field(fields, "response") ==
               digest_response(credentials_, kRealm, nonce_, method, field(fields, "uri"));
}

bool Authenticator::accepts(std::string_view authorization, std::string_view method) const {
    constexpr std::string_view kDigest = "Digest ";
    if (authorization.starts_with(kDigest))
        return kind_ != AuthKind::Basic &&
               accepts_digest(authorization.substr(kDigest.size()), method);
    return kind_ != AuthKind::Digest && authorization == basic_response(credentials_);
}

std::string answer_challenge(std::string_view challenge, const Credentials& credentials,
                             std::string_view method, std::string_view uri) {
    const auto space = challenge.find(' ');
    if (space == std::string_view::npos ||
        !equals_ignoring_case(challenge.substr(0, space), "Digest"))
        return basic_response(credentials);
    const std::string_view fields = challenge.substr(space + 1);
    const std::string realm = field(fields, "realm");
    const std::string nonce = field(fields, "nonce");
    return "Digest username=\"" + credentials.user + "\", realm=\"" + realm + "\", nonce=\"" +
           nonce + "\", uri=\"" + std::string(uri) + "\", response=\"" +
           digest_response(credentials, realm, nonce, method, uri) + "\"";
}

} // namespace rtspproxy::bench
