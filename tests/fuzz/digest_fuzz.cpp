// Authorization and WWW-Authenticate headers: nobody gets in without the password, whatever he
// sends.
#include "plugins/auth/authenticator.hpp"
#include "plugins/registration/digest_challenge.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/answer.hpp"

#include <optional>
#include <string>

using namespace rtspproxy::auth;
using rtspproxy::registration::DigestChallenge;

namespace {

constexpr const char* kUrl = "rtsp://camera/stream";
const std::string kPassword = "correct horse battery staple";

std::optional<std::string> password_of(std::string_view user) {
    return user == "carol" ? std::optional(kPassword) : std::nullopt;
}

void check_server(const std::string& text) {
    using Verdict = DigestChallenge::Verdict;
    const auto now = DigestChallenge::Clock::now();
    DigestChallenge challenge;
    const std::string header = challenge.renew("realm", false, now);
    const Verdict verdict = challenge.verify("realm", "REGISTER", kUrl, text, password_of, now);
    FUZZ_CHECK(verdict == Verdict::Rejected || verdict == Verdict::Stale);
    // A right answer with something added is accepted or not, but bears it.
    const std::string answer =
        rtspproxy::tests::answer_challenge(header, {"carol", kPassword}, "REGISTER", kUrl);
    FUZZ_CHECK(challenge.verify("realm", "REGISTER", kUrl, answer, password_of, now) ==
               Verdict::Accepted);
    (void)challenge.verify("realm", "REGISTER", kUrl, answer + ", " + text, password_of, now);
}

void check_client(const std::string& text) {
    const Account account{"carol", kPassword};
    Authenticator login(account, {.basic = false});
    (void)parse_challenges(text);
    if (!login.challenge({text}))
        return;
    const auto answer = login.authorize("REGISTER", kUrl);
    FUZZ_CHECK(answer.has_value());
    FUZZ_CHECK(answer->find_first_of("\r\n") == std::string::npos);
    // Unless it stands in the challenge, which is repeated.
    if (text.find(kPassword) == std::string::npos)
        FUZZ_CHECK(answer->find(kPassword) == std::string::npos);
    const auto parameters = parse_digest_parameters(*answer);
    FUZZ_CHECK(parameters.has_value());
    const auto value = [&parameters](const char* name) {
        const auto found = parameters->find(name);
        return found == parameters->end() ? std::string_view() : std::string_view(found->second);
    };
    const auto algorithm = parse_algorithm(value("algorithm"));
    FUZZ_CHECK(algorithm.has_value());
    FUZZ_CHECK(value("response") == digest_response({.user = account.user,
                                                     .realm = value("realm"),
                                                     .password = kPassword,
                                                     .nonce = value("nonce"),
                                                     .method = "REGISTER",
                                                     .uri = kUrl,
                                                     .qop = value("qop"),
                                                     .nonce_count = value("nc"),
                                                     .client_nonce = value("cnonce"),
                                                     .algorithm = *algorithm}));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_server(text);
    check_client(text);
    const auto quoted = parse_digest_parameters("Digest a=" + quote(text));
    FUZZ_CHECK(quoted.has_value() && quoted->at("a") == text);
    return 0;
}
