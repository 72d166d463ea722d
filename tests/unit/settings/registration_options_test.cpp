#include "plugins/registration/front_door.hpp"
#include "tests/unit/settings/invocations.hpp"

#include <functional>

namespace rtspproxy::settings {
namespace {

using std::chrono::milliseconds;

TEST(RegistrationOptions, LimitsAreThoseOfTheElementByDefault) {
    const RegistrationSettings settings;
    const registration::FrontDoorOptions element;
    EXPECT_EQ(settings.max_pending, element.pending.total);
    EXPECT_EQ(settings.max_pending_per_address, element.pending.per_address);
    EXPECT_EQ(settings.decide_timeout, element.pending.timeout);
    EXPECT_EQ(settings.max_request_bytes, element.max_header_bytes);
}

TEST(RegistrationOptions, NeedsNoUrl) {
    for (const auto& words : {Words{"-R"}, Words{"--register"}, Words{"-Rv"}}) {
        const auto settings = settings_of(words);
        EXPECT_TRUE(settings.registration.enabled) << joined(words);
        EXPECT_TRUE(settings.backends.empty()) << joined(words);
    }
    const auto settings = settings_of({"-R", "-t", "-u", "bob", "pw"});
    EXPECT_EQ(settings.defaults.transport, Transport::Tcp);
    EXPECT_EQ(settings.defaults.credentials, (Credentials{"bob", "pw"}));
}

TEST(RegistrationOptions, GoesWithUrlsAndTheDemo) {
    const auto settings = settings_of({"--register", "--demo", "rtsp://a", "door=rtsp://b"});
    EXPECT_TRUE(settings.registration.enabled);
    ASSERT_EQ(settings.backends.size(), 2U);
    EXPECT_EQ(settings.backends[0].mount, "proxyStream-1");
    EXPECT_EQ(settings.backends[1].mount, "door");
}

TEST(RegistrationOptions, UsersAreTakenAsTheyAre) {
    using Users = std::vector<Credentials>;
    const std::vector<std::pair<Words, Users>> cases = {
        {{"-R"}, {}},
        {{"-R", "-U", "carol", "pw"}, {{"carol", "pw"}}},
        {{"-RU", "carol", "pw"}, {{"carol", "pw"}}},
        {{"-U", "carol", "", "-R"}, {{"carol", ""}}},
        {{"-Ucarol", "pw", "--register-user=dave", "-R", "-R"}, {{"carol", "pw"}, {"dave", "-R"}}},
        {{"-R", "-U", "carol", "pw", "-U", "dave", "pw"}, {{"carol", "pw"}, {"dave", "pw"}}},
        {{"-R", "-U", "carol", "", "-U", "dave", "", "-U", "Carol", ""},
         {{"carol", ""}, {"dave", ""}, {"Carol", ""}}},
        {{"-R", "-U", "[a,b]", "[c,d]", "-U", "%%", "{}"}, {{"[a,b]", "[c,d]"}, {"%%", "{}"}}},
        {{"-R", "-U", "register", "--help"}, {{"register", "--help"}}},
    };
    for (auto [words, users] : cases) {
        SCOPED_TRACE(joined(words));
        EXPECT_EQ(settings_of(words).registration.users, users);
        words.push_back("rtsp://host");
        const auto settings = settings_of(words);
        EXPECT_EQ(settings.registration.users, users);
        EXPECT_EQ(settings.backends.size(), 1U);
        EXPECT_EQ(settings.defaults.credentials, std::nullopt);
    }
}

TEST(RegistrationOptions, EveryLimitReachesTheSettings) {
    struct Case {
        Words words;
        std::function<bool(const RegistrationSettings&)> holds;
    };
    const std::vector<Case> cases = {
        {{"--register-grace", "0"}, [](auto& r) { return r.grace == milliseconds(0); }},
        {{"--register-grace=86400"}, [](auto& r) { return r.grace == milliseconds(86'400'000); }},
        {{"--max-registered", "1"}, [](auto& r) { return r.max_registered == 1; }},
        {{"--max-registered", "100000"}, [](auto& r) { return r.max_registered == 100'000; }},
        {{"--max-pending", "1000000"}, [](auto& r) { return r.max_pending == 1'000'000; }},
        {{"--max-pending-per-address", "1"},
         [](auto& r) { return r.max_pending_per_address == 1; }},
        {{"--register-timeout", "0.1"},
         [](auto& r) { return r.decide_timeout == milliseconds(100); }},
        {{"--max-request-bytes", "256"}, [](auto& r) { return r.max_request_bytes == 256; }},
        {{"--max-request-bytes=65536"}, [](auto& r) { return r.max_request_bytes == 65536; }},
    };
    for (auto [words, holds] : cases) {
        SCOPED_TRACE(joined(words));
        words.push_back("rtsp://host"); // limits hold for players' connections, too
        const auto settings = settings_of(words);
        EXPECT_TRUE(holds(settings.registration));
        EXPECT_FALSE(settings.registration.enabled);
    }
}

struct Wrong {
    Words words;
    const char* named; // what the message must name
};

TEST(RegistrationOptions, WrongUsageNamesTheArgumentAndNoPassword) {
    const std::vector<Wrong> cases = {
        {{"-U", "carol", "secret", "rtsp://h"}, "-U,--register-user: needs -R,--register"},
        {{"-U", "carol", "secret", "--demo"}, "-U,--register-user: needs -R,--register"},
        {{"-R", "-U"}, "-U,--register-user: needs USER PASSWORD"},
        {{"-R", "-U", "carol"}, "-U,--register-user: needs USER PASSWORD"},
        {{"-R", "-U", "a", "secret", "-U", "b"}, "-U,--register-user: needs USER PASSWORD"},
        {{"-R", "-U", "", "secret"}, "-U,--register-user: the user name is empty"},
        {{"-R", "-U", "carol:secret", "x"}, "-U,--register-user: a user name holds no ':'"},
        {{"-R", "-U", "a", "secret", "-U", "a", "secret2"}, "user \"a\" is given more than once"},
        {{"-R", "-U", "carol", "rtsp://u:secret@h"}, "take two values"},
        {{"-R", "-u", "bob", "rtsp://u:secret@h"}, "take two values"},
        {{"-R", "-U", "carol", "my", "secret"}, "back end 1 (not shown"},
        {{"-R", "register"}, "a command comes first"},
        {{"--register=yes"}, "-R,--register: takes no value"},
        {{"-R", "--register-grace", "-1"}, "--register-grace \"-1\": must be a number of seconds"},
        {{"-R", "--register-grace", "86401"}, "0 to 86400"},
        {{"-R", "--max-registered", "0"}, "--max-registered \"0\": must be a whole number from 1"},
        {{"-R", "--max-registered", "100001"}, "to 100000"},
        {{"-R", "--max-registered", "1.5"}, "--max-registered \"1.5\""},
        {{"-R", "--max-pending", "0"}, "--max-pending \"0\""},
        {{"-R", "--max-pending", "-1"}, "--max-pending \"-1\""},
        {{"-R", "--max-pending-per-address", "1000001"}, "--max-pending-per-address"},
        {{"-R", "--register-timeout", "0"}, "0.1 to 3600"},
        {{"-R", "--max-request-bytes", "255"}, "256 to 65536"},
        {{"-R", "--max-request-bytes", "65537"}, "--max-request-bytes"},
        {{"-R", "--max-pending", "1", "--max-pending", "2"}, "--max-pending: given more than once"},
    };
    for (const auto& [words, named] : cases) {
        SCOPED_TRACE(joined(words));
        const auto invocation = parse_words(words);
        const auto* wrong = std::get_if<WrongUsage>(&invocation);
        ASSERT_NE(wrong, nullptr);
        EXPECT_NE(wrong->message.find(named), std::string::npos) << wrong->message;
        EXPECT_EQ(wrong->message.find('\n'), std::string::npos) << wrong->message;
        EXPECT_EQ(wrong->message.find("secret"), std::string::npos) << wrong->message;
    }
}

} // namespace
} // namespace rtspproxy::settings
