#include "plugins/registration/digest_challenge.hpp"

#include "tests/support/answer.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

using Verdict = DigestChallenge::Verdict;
using namespace std::chrono_literals;

constexpr const char* kRealm = "realm";
constexpr const char* kUrl = "rtsp://camera/stream";

std::optional<std::string> password_of(std::string_view user) {
    return user == "carol" ? std::optional<std::string>("secret") : std::nullopt;
}

class DigestChallengeTest : public testing::Test {
  protected:
    std::string answer(const auth::Account& account, const std::string& url = kUrl,
                       const std::string& method = "REGISTER") {
        return tests::answer_challenge(header_, account, method, url);
    }
    Verdict verify(const std::optional<std::string>& authorization,
                   DigestChallenge::Clock::duration later = 0s) {
        return challenge_.verify(kRealm, "REGISTER", kUrl, authorization, password_of,
                                 now_ + later);
    }

    DigestChallenge::Clock::time_point now_ = DigestChallenge::Clock::now();
    DigestChallenge challenge_;
    std::string header_ = challenge_.renew(kRealm, false, now_);
    const auth::Account carol_{"carol", "secret"};
};

TEST_F(DigestChallengeTest, LooksAsLive555sClientScansForIt) {
    std::array<char, 64> realm{};
    std::array<char, 64> nonce{};
    EXPECT_EQ(std::sscanf(header_.c_str(), "Digest realm=\"%63[^\"]\", nonce=\"%63[^\"]\"",
                          realm.data(), nonce.data()),
              2);
    EXPECT_TRUE(challenge_.renew(kRealm, true, now_).ends_with("\", stale=true"));
}

TEST_F(DigestChallengeTest, AcceptsTheRightPassword) {
    EXPECT_EQ(verify(answer(carol_)), Verdict::Accepted);
}

TEST_F(DigestChallengeTest, AsksWhoSaysNothing) {
    EXPECT_EQ(verify(std::nullopt), Verdict::Missing);
}

TEST_F(DigestChallengeTest, RejectsWrongPasswordUserMethodUrlAndRealm) {
    EXPECT_EQ(verify(answer({"carol", "Secret"})), Verdict::Rejected);
    EXPECT_EQ(verify(answer({"carol", ""})), Verdict::Rejected);
    EXPECT_EQ(verify(answer({"dave", "secret"})), Verdict::Rejected);
    EXPECT_EQ(verify(answer({"dave", ""})), Verdict::Rejected); // an unknown user's is not ""
    EXPECT_EQ(verify(answer(carol_, kUrl, "DEREGISTER")), Verdict::Rejected);
    EXPECT_EQ(verify(answer(carol_, "rtsp://camera/other")), Verdict::Rejected);
    header_ = challenge_.renew("another realm", false, now_);
    EXPECT_EQ(verify(answer(carol_)), Verdict::Rejected);
}

TEST_F(DigestChallengeTest, OverlooksATrailingSlash) {
    EXPECT_EQ(verify(answer(carol_, std::string(kUrl) + "/")), Verdict::Accepted);
}

TEST_F(DigestChallengeTest, RejectsMalformedAndForeignAuthorizations) {
    for (const char* authorization :
         {"", "Digest", "Basic Y2Fyb2w6c2VjcmV0", "Digest username=\"carol\"",
          "Digest username=\"carol\", response=\"\""})
        EXPECT_EQ(verify(authorization), Verdict::Rejected) << authorization;
    EXPECT_EQ(verify(answer(carol_) + ", qop=auth, nc=00000001, cnonce=\"x\""), Verdict::Rejected);
    EXPECT_EQ(verify(answer(carol_) + ", algorithm=SHA-256"), Verdict::Rejected);
    EXPECT_EQ(verify(answer(carol_) + ", algorithm=MD5"), Verdict::Accepted);
}

TEST_F(DigestChallengeTest, ANonceOfAnotherConnectionIsStale) {
    DigestChallenge other;
    header_ = other.renew(kRealm, false, now_);
    EXPECT_EQ(verify(answer(carol_)), Verdict::Stale);
    // …but does not tell right passwords from wrong ones without being counted as an attempt.
    EXPECT_EQ(verify(answer({"carol", "guess"})), Verdict::Rejected);
}

TEST_F(DigestChallengeTest, ANonceIsStaleAfterItsLifetimeAndAfterTheNext) {
    const std::string old = answer(carol_);
    EXPECT_EQ(verify(old, DigestChallenge::kNonceLifetime), Verdict::Accepted);
    EXPECT_EQ(verify(old, DigestChallenge::kNonceLifetime + 1ms), Verdict::Stale);
    header_ = challenge_.renew(kRealm, true, now_);
    EXPECT_EQ(verify(old), Verdict::Stale);
    EXPECT_EQ(verify(answer(carol_)), Verdict::Accepted);
}

TEST_F(DigestChallengeTest, NothingIsAcceptedBeforeAChallenge) {
    const DigestChallenge fresh;
    header_ = "Digest realm=\"realm\", nonce=\"x\"";
    EXPECT_EQ(fresh.verify(kRealm, "REGISTER", kUrl, answer(carol_), password_of, now_),
              Verdict::Stale);
}

TEST_F(DigestChallengeTest, AnEmptyPasswordIsAPassword) {
    const auto empty = [](std::string_view) { return std::optional<std::string>(""); };
    EXPECT_EQ(challenge_.verify(kRealm, "REGISTER", kUrl, answer({"carol", ""}), empty, now_),
              Verdict::Accepted);
}

} // namespace
} // namespace rtspproxy::registration
