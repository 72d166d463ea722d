#include "plugins/registration/digest.hpp"

#include "plugins/registration/message.hpp"
#include "plugins/support/deleter.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace rtspproxy::registration {

namespace {

constexpr std::string_view kScheme = "Digest";

std::string md5(std::initializer_list<std::string_view> parts) {
    const std::unique_ptr<GChecksum, Deleter<g_checksum_free>> checksum(
        g_checksum_new(G_CHECKSUM_MD5));
    bool first = true;
    for (const std::string_view part : parts) {
        if (!std::exchange(first, false))
            g_checksum_update(checksum.get(), reinterpret_cast<const guchar*>(":"), 1);
        g_checksum_update(checksum.get(), reinterpret_cast<const guchar*>(part.data()),
                          static_cast<gssize>(part.size()));
    }
    return g_checksum_get_string(checksum.get());
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// Takes a value off the front of `text`: a quoted string or everything up to a comma.
Result<std::string> take_value(std::string_view& text) {
    if (!text.starts_with('"')) {
        const std::size_t end = std::min(text.find(','), text.size());
        std::string value(trim(text.substr(0, end)));
        if (value.find('"') != std::string::npos)
            return failure("a quote stands inside an unquoted value");
        text.remove_prefix(end);
        return value;
    }
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            skip_blanks(text);
            return value;
        }
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        value += text[i];
    }
    return failure("a quoted string does not end");
}

// Whether `qop`, a list such as "auth,auth-int", offers plain "auth".
bool offers_auth(std::string_view qop) {
    while (!qop.empty()) {
        const std::size_t end = std::min(qop.find(','), qop.size());
        if (equals_ignoring_case(trim(qop.substr(0, end)), "auth"))
            return true;
        qop.remove_prefix(std::min(end + 1, qop.size()));
    }
    return false;
}

std::string_view value_of(const AuthenticationParameters& parameters, std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

} // namespace

Result<AuthenticationParameters> parse_digest_parameters(std::string_view value) {
    value = trim(value);
    if (!equals_ignoring_case(value.substr(0, kScheme.size()), kScheme))
        return failure("the authentication scheme is not Digest");
    value.remove_prefix(kScheme.size());
    if (!value.starts_with(' ') && !value.starts_with('\t'))
        return failure("the authentication scheme is not Digest");
    AuthenticationParameters parameters;
    for (skip_blanks(value); !value.empty(); skip_blanks(value)) {
        const std::size_t equals = value.find('=');
        if (equals == std::string_view::npos)
            return failure("an authentication parameter has no value");
        std::string name = to_lower(trim(value.substr(0, equals)));
        if (name.empty() || name.find_first_of(" \t,\"") != std::string::npos)
            return failure("an authentication parameter has no proper name");
        value.remove_prefix(equals + 1);
        skip_blanks(value);
        Result<std::string> content = take_value(value);
        if (!content)
            return tl::unexpected(content.error());
        if (!parameters.emplace(std::move(name), std::move(*content)).second)
            return failure("an authentication parameter stands twice");
        if (!value.empty() && !value.starts_with(','))
            return failure("authentication parameters are not separated by commas");
        value.remove_prefix(value.empty() ? 0 : 1);
    }
    return parameters;
}

std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string digest_response(const DigestInput& input) {
    const std::string secret = md5({input.user, input.realm, input.password});
    const std::string subject = md5({input.method, input.uri});
    if (input.qop.empty())
        return md5({secret, input.nonce, subject});
    return md5({secret, input.nonce, input.nonce_count, input.client_nonce, input.qop, subject});
}

Result<std::string> answer_challenge(std::string_view challenge, const Account& account,
                                     std::string_view method, std::string_view url) {
    const auto parameters = parse_digest_parameters(challenge);
    if (!parameters)
        return tl::unexpected(parameters.error());
    const std::string_view algorithm = value_of(*parameters, "algorithm");
    if (!algorithm.empty() && !equals_ignoring_case(algorithm, "MD5"))
        return failure("the Digest algorithm is not MD5");
    DigestInput input{.user = account.user,
                      .realm = value_of(*parameters, "realm"),
                      .password = account.password,
                      .nonce = value_of(*parameters, "nonce"),
                      .method = method,
                      .uri = url};
    if (input.nonce.empty() || !parameters->contains("realm"))
        return failure("the Digest challenge lacks its realm or nonce");
    const std::string_view qop = value_of(*parameters, "qop");
    const std::string client_nonce = make_nonce();
    if (!qop.empty()) {
        if (!offers_auth(qop))
            return failure("the Digest challenge asks for a quality of protection other than auth");
        input.qop = "auth";
        input.nonce_count = "00000001";
        input.client_nonce = client_nonce;
    }
    std::string answer = "Digest username=" + quote(input.user) + ", realm=" + quote(input.realm) +
                         ", nonce=" + quote(input.nonce) + ", uri=" + quote(url) +
                         ", response=" + quote(digest_response(input));
    if (!algorithm.empty())
        answer += ", algorithm=MD5";
    if (!qop.empty())
        answer += ", qop=auth, nc=00000001, cnonce=" + quote(client_nonce);
    if (const auto opaque = parameters->find("opaque"); opaque != parameters->end())
        answer += ", opaque=" + quote(opaque->second);
    return answer;
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

} // namespace rtspproxy::registration
