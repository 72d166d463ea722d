#include "plugins/auth/digest.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/text/ascii.hpp"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>

namespace rtspproxy::auth {
namespace {

// The parts with colons between them.
std::string hash(Algorithm algorithm, std::initializer_list<std::string_view> parts) {
    const std::unique_ptr<GChecksum, Deleter<g_checksum_free>> checksum(
        g_checksum_new(is_sha256(algorithm) ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5));
    bool first = true;
    for (const std::string_view part : parts) {
        if (!std::exchange(first, false))
            g_checksum_update(checksum.get(), reinterpret_cast<const guchar*>(":"), 1);
        g_checksum_update(checksum.get(), reinterpret_cast<const guchar*>(part.data()),
                          static_cast<gssize>(part.size()));
    }
    return g_checksum_get_string(checksum.get());
}

struct Name {
    Algorithm algorithm;
    std::string_view name;
};
constexpr std::array<Name, 4> kNames{{{Algorithm::Md5, "MD5"},
                                      {Algorithm::Md5Session, "MD5-sess"},
                                      {Algorithm::Sha256, "SHA-256"},
                                      {Algorithm::Sha256Session, "SHA-256-sess"}}};

} // namespace

std::optional<Algorithm> parse_algorithm(std::string_view name) {
    if (name.empty())
        return Algorithm::Md5;
    for (const Name& known : kNames)
        if (text::equals_ignoring_case(name, known.name))
            return known.algorithm;
    return std::nullopt;
}

std::string_view to_string(Algorithm algorithm) {
    for (const Name& known : kNames)
        if (known.algorithm == algorithm)
            return known.name;
    return {};
}

bool is_session(Algorithm algorithm) {
    return algorithm == Algorithm::Md5Session || algorithm == Algorithm::Sha256Session;
}

bool is_sha256(Algorithm algorithm) {
    return algorithm == Algorithm::Sha256 || algorithm == Algorithm::Sha256Session;
}

std::string digest_response(const DigestInput& input) {
    const Algorithm algorithm = input.algorithm;
    std::string secret = hash(algorithm, {input.user, input.realm, input.password});
    if (is_session(algorithm))
        secret = hash(algorithm, {secret, input.nonce, input.client_nonce});
    const std::string subject = hash(algorithm, {input.method, input.uri});
    if (input.qop.empty())
        return hash(algorithm, {secret, input.nonce, subject});
    return hash(algorithm,
                {secret, input.nonce, input.nonce_count, input.client_nonce, input.qop, subject});
}

std::string make_nonce() {
    std::array<std::uint8_t, 16> random{};
    // At most 256 bytes from an initialised pool: cannot fail nor be cut short (getrandom(2)).
    [[maybe_unused]] const auto got = getrandom(random.data(), random.size(), 0);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string nonce;
    for (const std::uint8_t byte : random) {
        nonce += kDigits[byte >> 4U];
        nonce += kDigits[byte & 0xfU];
    }
    return nonce;
}

bool equals_in_constant_time(std::string_view left, std::string_view right) {
    if (left.size() != right.size())
        return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
    return difference == 0;
}

} // namespace rtspproxy::auth
