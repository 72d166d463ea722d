#include "plugins/auth/authenticator.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace rtspproxy::auth {
namespace {

using text::equals_ignoring_case;
using text::trim;

std::string_view value_of(const Parameters& parameters, std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
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

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// RFC 7617 §2: the colon ends the user's name.
bool can_use_basic(std::string_view user) {
    return user.find(':') == std::string_view::npos;
}

std::string hexadecimal(std::uint32_t number) {
    std::array<char, 9> digits{};
    std::snprintf(digits.data(), digits.size(), "%08x", number);
    return digits.data();
}

} // namespace

Authenticator::Authenticator(Account account, Policy policy)
    : account_(std::move(account)), policy_(policy) {}

Result<void> Authenticator::challenge(const std::vector<std::string>& values) {
    std::vector<Digest> forms;
    bool basic = false;
    bool stale = false;
    std::string problem = "does not say how to log in";
    for (const auto& value : values)
        for (const Challenge& each : parse_challenges(value)) {
            if (each.scheme == "basic" && policy_.basic && can_use_basic(account_.user)) {
                basic = true;
                continue;
            }
            if (auto added = add_forms(each, forms); !added)
                problem = std::move(added.error().message);
            stale = stale || equals_ignoring_case(value_of(each.parameters, "stale"), "true");
        }
    if (forms.empty() && !basic)
        return failure(problem);
    // The strongest first; what is only made do with comes last.
    std::ranges::stable_sort(forms, {}, [](const Digest& form) {
        return std::pair(form.makes_do, !is_sha256(form.algorithm));
    });
    forms_ = forms.size();
    stale_ = stale;
    basic_ = forms.empty();
    if (basic_)
        digest_.reset();
    else
        adopt(std::move(forms[policy_.form % forms_]));
    return {};
}

Result<void> Authenticator::add_forms(const Challenge& challenge,
                                      std::vector<Digest>& forms) const {
    const auto& parameters = challenge.parameters;
    if (challenge.scheme != "digest")
        return failure("asks for a login that is not understood (Digest with MD5 or SHA-256 is)");
    const std::string_view name = value_of(parameters, "algorithm");
    const auto algorithm = parse_algorithm(name);
    if (!algorithm)
        return failure("asks for a Digest login that is not with MD5 or SHA-256");
    Digest digest;
    digest.algorithm = *algorithm;
    digest.names_algorithm = !name.empty();
    digest.realm = value_of(parameters, "realm");
    digest.nonce = value_of(parameters, "nonce");
    if (digest.nonce.empty() || !parameters.contains("realm"))
        return failure("asks for a Digest login, but without realm or nonce");
    if (const auto opaque = parameters.find("opaque"); opaque != parameters.end())
        digest.opaque = opaque->second;
    if (has_control(account_.user + digest.realm + digest.nonce + digest.opaque.value_or("")))
        return failure("a Digest login is not possible with control characters in the user name or "
                       "in what is asked for");
    const std::string_view qop = value_of(parameters, "qop");
    if (!qop.empty() && !offers_auth(qop))
        return failure("asks for a Digest login with a quality of protection other than auth");
    digest.qop = !qop.empty();
    // The hash of a session needs the client's nonce, which is sent only with qop.
    if (is_session(*algorithm) && !digest.qop)
        return failure("asks for a Digest login with a session, but without qop");
    forms.push_back(digest);
    if (digest.qop && !is_session(*algorithm)) {
        digest.qop = false;
        digest.makes_do = true;
        forms.push_back(std::move(digest));
    }
    return {};
}

// The requests of one nonce are counted, whoever repeats it.
void Authenticator::adopt(Digest digest) {
    if (digest_ && digest_->nonce == digest.nonce) {
        digest.client_nonce = std::move(digest_->client_nonce);
        digest.nonce_count = digest_->nonce_count;
    } else {
        digest.client_nonce = make_nonce();
    }
    digest_ = std::move(digest);
}

std::optional<std::string> Authenticator::authorize(std::string_view method, std::string_view uri) {
    if (digest_)
        return digest_answer(method, uri);
    if (!basic_)
        return std::nullopt;
    const std::string login = account_.user + ':' + account_.password;
    const GCharPtr encoded(
        g_base64_encode(reinterpret_cast<const guchar*>(login.data()), login.size()));
    return std::string("Basic ") + encoded.get();
}

std::string Authenticator::digest_answer(std::string_view method, std::string_view uri) {
    Digest& digest = *digest_;
    DigestInput input{.user = account_.user,
                      .realm = digest.realm,
                      .password = account_.password,
                      .nonce = digest.nonce,
                      .method = method,
                      .uri = uri,
                      .algorithm = digest.algorithm};
    std::string count;
    if (digest.qop) {
        count = hexadecimal(++digest.nonce_count);
        input.qop = "auth";
        input.nonce_count = count;
        input.client_nonce = digest.client_nonce;
    }
    std::string answer = "Digest username=" + quote(input.user) + ", realm=" + quote(input.realm) +
                         ", nonce=" + quote(input.nonce) + ", uri=" + quote(uri) +
                         ", response=" + quote(digest_response(input));
    if (digest.names_algorithm)
        answer += ", algorithm=" + std::string(to_string(digest.algorithm));
    if (digest.qop)
        answer += ", qop=auth, nc=" + count + ", cnonce=" + quote(digest.client_nonce);
    if (digest.opaque)
        answer += ", opaque=" + quote(*digest.opaque);
    return answer;
}

} // namespace rtspproxy::auth
