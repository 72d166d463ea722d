#include "app/settings/secrets.hpp"

#include "app/settings/backend_url.hpp"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace rtspproxy::settings {
namespace {

TEST(Secrets, MasksThePasswordOfAUrl) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"rtsp://host/path", "rtsp://host/path"},
        {"rtsp://host:554/path?x=1", "rtsp://host:554/path?x=1"},
        {"rtsp://[::1]:554/a@b", "rtsp://[::1]:554/a@b"},
        {"rtsp://user:secret@host/path", "rtsp://user:***@host/path"},
        {"rtsp://user:@host", "rtsp://user:***@host"},
        {"rtsp://user@host:554/path", "rtsp://user@host:554/path"},
        {"rtsp://user@host:554/a@b", "rtsp://user@host:554/a@b"},
        {"rtsp://us%3Aer:se%40cret@[::1]:554/p", "rtsp://us%3Aer:***@[::1]:554/p"},
        {"rtsp://user:secret@host?mail=a@b", "rtsp://user:***@host?mail=a@b"},
        {"rtsp://host:554/?mail=a@b", "rtsp://host:554/?mail=a@b"},
        {"rtsp://host/path@1", "rtsp://host/path@1"},
        {"rtsp://host/a:b@1", "rtsp://host/a:b@1"},
        {"cam/1=rtsp://user:secret@host/path", "cam/1=rtsp://user:***@host/path"},
        {"http://user:secret@host/", "http://user:***@host/"},
    };
    for (const auto& [text, masked] : cases)
        EXPECT_EQ(mask_secrets(text), masked);
}

TEST(Secrets, MasksParameters) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"rtsp://host/user=admin_password=secret_channel=1_stream=0.sdp?real",
         "rtsp://host/user=admin_password=***_channel=1_stream=0.sdp?real"},
        {"rtsp://host/x?user=a&pwd=secret&z=1", "rtsp://host/x?user=a&pwd=***&z=1"},
        {"rtsp://host/x?PassWd=sec/re?t", "rtsp://host/x?PassWd=***"},
        {"rtsp://host/password=secret/x", "rtsp://host/password=***/x"},
        {"rtsp://host/?pw=secret;psw=;pass=secret#f", "rtsp://host/?pw=***;psw=***;pass=***#f"},
        {"rtsp://user:secret@host/?pwd=secret", "rtsp://user:***@host/?pwd=***"},
        {"rtsp://host/?password=sec_ret_1&x=2", "rtsp://host/?password=***&x=2"},
        {"rtsp://host/?compass=north&passage=2", "rtsp://host/?compass=north&passage=2"},
        {"password=rtsp://host/", "password=rtsp://host/"}, // a mount named so
        {"password=secret", "password=***"},
    };
    for (const auto& [text, masked] : cases)
        EXPECT_EQ(mask_secrets(text), masked);
}

// None of these is a URL that would be used, or not the one that was meant; all reach messages.
TEST(Secrets, LeavesNoSecretInMalformedUrls) {
    for (const char* text : {
             "rtsp://user:secret",
             "rtsp://user:secret/path",
             "rtsp://user:sec/secret@host/",
             "rtsp://user:sec?secret@host/",
             "rtsp://user:sec#secret@host/",
             "rtsp://user:sec?a=secret@host/",
             "rtsp://user:12/secret@host/",
             "rtsp://user:12?secret@host/",
             "rtsp://user:12#secret@host/",
             "rtsp://user:s@sec/secret@host/",
             "rtsp://user:secret@host@host:x/",
             "rtsp:///user:secret@host/",
             "rtsp:/user:secret@host/",
             "rtsp//user:secret@host/",
             "rtsp:user:secret@host/",
             "user:secret@host/path",
             "user:secret",
             "user:secret@host/?u=rtsp://host/",
             "cam 1=rtsp://user:secret@host/",
             "cam=user:secret@host/",
             "a=b=rtsp://user:secret@host/",
             "rtsp://us er:secret@host/",
             "rtsp://[user:secret@host/",
             "rtsp://user:secret@[::1",
             "rtsp://:secret@host/",
             "rtsp://user:secret@",
             "://user:secret@host",
             "rtsp://us@er:secret@host/",
         })
        EXPECT_EQ(mask_secrets(text).find("secret"), std::string::npos) << mask_secrets(text);
}

TEST(Secrets, SpansAreInOrderAndWithinTheText) {
    const std::string text = "rtsp://u:ab@h/?pwd=cd&pw=e";
    const std::vector<Span> expected = {{9, 2}, {19, 2}, {25, 1}};
    EXPECT_EQ(secret_spans(text), expected);
    EXPECT_TRUE(secret_spans("").empty());
    EXPECT_TRUE(secret_spans("rtsp://").empty());
    EXPECT_TRUE(secret_spans("-p").empty());
}

// Whatever parse_backend_url() would use as a password is masked, and spans never leave the text.
TEST(Secrets, RandomTextsKeepTheirPasswords) {
    const std::vector<std::string> pieces = {
        "rtsp", "://",  "/",  "?",   "#", "@",    ":",     "=",   "[", "]",   "&", "_", "user",
        "WORD", "host", "12", "%40", "%", "pwd=", "pass=", "::1", "a", "_x=", " ", ";"};
    std::mt19937 random(1); // NOLINT(cert-msc51-cpp): the same texts on every run
    int urls_with_password = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = round % 2 == 0 ? "" : "rtsp://user:";
        for (auto count = random() % 14; count > 0; --count)
            text += pieces[random() % pieces.size()];
        text += round % 2 == 0 ? "" : "@host/path";
        std::size_t done = 0;
        for (const auto& span : secret_spans(text)) {
            ASSERT_LE(done, span.begin) << text;
            done = span.begin + span.length;
        }
        ASSERT_LE(done, text.size()) << text;
        const auto url = parse_backend_url(text);
        if (!url || url->password.value_or("").find("WORD") == std::string::npos ||
            text.find("WORD") != text.rfind("WORD"))
            continue;
        ++urls_with_password;
        ASSERT_EQ(mask_secrets(text).find("WORD"), std::string::npos) << text;
        ASSERT_EQ(url->url.find("WORD"), std::string::npos) << text;
    }
    EXPECT_GT(urls_with_password, 1000);
}

TEST(Secrets, QuotesForOneLineOfText) {
    EXPECT_EQ(masked_quote("rtsp://u:secret@h"), "\"rtsp://u:***@h\"");
    EXPECT_EQ(masked_quote("a\nb\x1b[1m"), "\"a?b?[1m\"");
    EXPECT_LE(masked_quote(std::string(100'000, 'x')).size(), 210U);
}

// argv as the kernel hands it over: one writable string per argument.
class Arguments {
  public:
    explicit Arguments(std::vector<std::string> texts) : texts_(std::move(texts)) {
        for (auto& text : texts_)
            pointers_.push_back(text.data());
    }
    template <class T> // Settings or AnnounceCommand
    void scrub(const T& settings) {
        scrub_arguments(static_cast<int>(pointers_.size()), pointers_.data(), settings);
    }
    [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

  private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

TEST(Secrets, ScrubsUrlsAndPasswordArguments) {
    Settings settings;
    settings.defaults.credentials = Credentials{"admin", "hunter2"};
    settings.backends.resize(1);
    settings.backends[0].credentials = Credentials{"bob", "xyz"};
    Arguments arguments({"program", "-vu", "admin", "hunter2", "cam=rtsp://bob:xyz@host/?pwd=12345",
                         "xyz", "rtsp://host/path", ""});
    arguments.scrub(settings);
    const std::vector<std::string> expected = {
        "program",          "-vu", "admin", "*******", "cam=rtsp://bob:***@host/?pwd=*****", "***",
        "rtsp://host/path", ""};
    EXPECT_EQ(arguments.texts(), expected);
}

TEST(Secrets, ScrubsThePasswordsOfThoseWhoMayRegister) {
    Settings settings;
    settings.registration.users = {{"carol", "hunter2"}, {"dave", ""}, {"erin", "xyz"}};
    Arguments arguments({"program", "-R", "-U", "carol", "hunter2", "-U", "dave", "",
                         "--register-user=erin", "xyz", "rtsp://host/xyz"});
    arguments.scrub(settings);
    const std::vector<std::string> expected = {"program",
                                               "-R",
                                               "-U",
                                               "carol",
                                               "*******",
                                               "-U",
                                               "dave",
                                               "",
                                               "--register-user=erin",
                                               "***",
                                               "rtsp://host/xyz"};
    EXPECT_EQ(arguments.texts(), expected);
}

TEST(Secrets, ScrubsThePasswordsOfACommand) {
    AnnounceCommand command;
    command.credentials = Credentials{"carol", "hunter2"};
    Arguments arguments({"program", "register", "--user", "carol", "hunter2", "centre",
                         "rtsp://bob:xyz@camera/live?pwd=12345"});
    arguments.scrub(command);
    const std::vector<std::string> expected = {"program",
                                               "register",
                                               "--user",
                                               "carol",
                                               "*******",
                                               "centre",
                                               "rtsp://bob:***@camera/live?pwd=*****"};
    EXPECT_EQ(arguments.texts(), expected);
}

TEST(Secrets, AnEmptyPasswordScrubsNothing) {
    Settings settings;
    settings.defaults.credentials = Credentials{"admin", ""};
    Arguments arguments({"program", "-u", "admin", "", "rtsp://host/path"});
    const auto before = arguments.texts();
    arguments.scrub(settings);
    EXPECT_EQ(arguments.texts(), before);
}

} // namespace
} // namespace rtspproxy::settings
