#include "app/registration/registration_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtspproxy::registration_app {
namespace {

using settings::Credentials;
using settings::Transport;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kUrl = "rtsp://192.168.1.10/live";
constexpr const char* kOtherUrl = "rtsp://192.168.1.11/live";
constexpr const char* kPeer = "198.51.100.1";
constexpr const char* kOtherPeer = "198.51.100.2";

RegistrationRules rules_with_configured_mount() {
    RegistrationRules rules;
    rules.configured = {"garden"};
    return rules;
}

Announcement announce(const std::string& url, const std::string& suffix = "",
                      const std::string& peer = kPeer) {
    Announcement announcement;
    announcement.url = url;
    announcement.suffix = suffix;
    announcement.peer = peer;
    return announcement;
}

Announcement offer(const std::string& url, const std::string& suffix = "",
                   const std::string& peer = kPeer) {
    Announcement announcement = announce(url, suffix, peer);
    announcement.reuse = true;
    return announcement;
}

class RegistrationTableTest : public ::testing::Test {
  protected:
    unsigned add(const Announcement& announcement) { return table_.add(announcement).status; }
    std::string mount_of(const Announcement& announcement) {
        return table_.add(announcement).backend.mount;
    }

    RegistrationTable table_{rules_with_configured_mount()};
};

// What a single REGISTER leads to.
struct Single {
    const char* name;
    Announcement announcement;
    unsigned status;
    std::uint64_t RegistrationCounters::*counter;
};
void PrintTo(const Single& single, std::ostream* stream) {
    *stream << single.name;
}

class SingleRegistration : public ::testing::TestWithParam<Single> {};

TEST_P(SingleRegistration, IsAnsweredAndCounted) {
    RegistrationTable table(rules_with_configured_mount());
    const auto registered = table.add(GetParam().announcement);
    EXPECT_EQ(registered.status, GetParam().status);
    EXPECT_EQ(table.counters().*GetParam().counter, 1U);
    EXPECT_EQ(table.size(), GetParam().status == 200 ? 1U : 0U);
    EXPECT_EQ(registered.backend.url.empty(), GetParam().status != 200);
}

using Counters = RegistrationCounters;
INSTANTIATE_TEST_SUITE_P(
    All, SingleRegistration,
    ::testing::Values(
        Single{"WithSuffix", announce(kUrl, "door"), 200, &Counters::added},
        Single{"WithoutSuffix", announce(kUrl), 200, &Counters::added},
        Single{"WithItsConnection", offer(kUrl, "door"), 200, &Counters::added},
        Single{"ConfiguredMount", announce(kUrl, "garden"), 451, &Counters::refused_configured},
        Single{"NoUrl", announce("camera", "door"), 400, &Counters::refused_url},
        Single{"EmptyUrl", announce("", "door"), 400, &Counters::refused_url},
        Single{"HttpUrl", announce("http://camera/", "door"), 400, &Counters::refused_url},
        Single{"SpaceInUrl", announce("rtsp://camera/a b", "door"), 400, &Counters::refused_url},
        Single{"LineFeedInUrl", announce("rtsp://camera/a\nb", "door"), 400,
               &Counters::refused_url},
        Single{"TwoSegments", announce(kUrl, "a/b"), 400, &Counters::refused_suffix},
        Single{"LeadingSlash", announce(kUrl, "/a"), 400, &Counters::refused_suffix},
        Single{"Dots", announce(kUrl, ".."), 400, &Counters::refused_suffix},
        Single{"ControlCharacter", announce(kUrl, "a\x01"), 400, &Counters::refused_suffix},
        Single{"Space", announce(kUrl, "a b"), 400, &Counters::refused_suffix},
        Single{"Quote", announce(kUrl, "a\"b"), 400, &Counters::refused_suffix},
        Single{"Query", announce(kUrl, "a?b"), 400, &Counters::refused_suffix},
        Single{"LongSuffix", announce(kUrl, std::string(65, 'a')), 400, &Counters::refused_suffix},
        Single{"LongestSuffix", announce(kUrl, std::string(64, 'a')), 200, &Counters::added},
        Single{"TlsOverItsConnection", offer("rtsps://camera/live", "door"), 461,
               &Counters::refused_transport},
        Single{"UdpOverItsConnection", offer("rtspu://camera/live", "door"), 461,
               &Counters::refused_transport},
        Single{"TlsByDialling", announce("rtsps://camera/live", "door"), 200, &Counters::added}),
    [](const auto& each) { return each.param.name; });

// What a second REGISTER of "door" leads to.
struct Second {
    const char* name;
    Announcement first, second;
    bool suspended; // the first one's connection has ended
    unsigned status_without_login, status_with_login;
};
void PrintTo(const Second& second, std::ostream* stream) {
    *stream << second.name;
}

class SecondRegistration : public ::testing::TestWithParam<Second> {
  protected:
    static unsigned status(bool logins_checked) {
        RegistrationRules rules;
        rules.logins_checked = logins_checked;
        RegistrationTable table(rules);
        const auto first = table.add(GetParam().first);
        EXPECT_EQ(first.status, 200U);
        table.set_suspended("door", first.number, GetParam().suspended);
        const unsigned status = table.add(GetParam().second).status;
        const auto& counters = table.counters();
        EXPECT_EQ(counters.refused_taken, status == 451 ? 1U : 0U);
        EXPECT_EQ(counters.refreshed + counters.replaced, status == 200 ? 1U : 0U);
        return status;
    }
};

TEST_P(SecondRegistration, OfATakenSuffix) {
    EXPECT_EQ(status(false), GetParam().status_without_login);
    EXPECT_EQ(status(true), GetParam().status_with_login);
}

INSTANTIATE_TEST_SUITE_P(
    All, SecondRegistration,
    ::testing::Values(Second{"TheSame", announce(kUrl, "door"), announce(kUrl, "door"), false, 200,
                             200},
                      Second{"OtherUrlOfTheSamePeer", announce(kUrl, "door"),
                             announce(kOtherUrl, "door"), false, 200, 200},
                      Second{"SameUrlFromAnotherAddress", announce(kUrl, "door"),
                             announce(kUrl, "door", kOtherPeer), false, 200, 200},
                      Second{"Somebody", announce(kUrl, "door"),
                             announce(kOtherUrl, "door", kOtherPeer), false, 451, 451},
                      Second{"ConnectionOfTheSamePeer", offer(kUrl, "door"), offer(kUrl, "door"),
                             false, 200, 200},
                      Second{"ConnectionFromAnotherAddress", offer(kUrl, "door"),
                             offer(kUrl, "door", kOtherPeer), false, 451, 200},
                      Second{"ConnectionFromAnotherAddressOnceItIsLost", offer(kUrl, "door"),
                             offer(kUrl, "door", kOtherPeer), true, 200, 200},
                      Second{"OfferFromAnotherAddressForADialledOne", announce(kUrl, "door"),
                             offer(kUrl, "door", kOtherPeer), false, 451, 200},
                      Second{"SomebodyOnceItIsLost", offer(kUrl, "door"),
                             offer(kOtherUrl, "door", kOtherPeer), true, 451, 451}),
    [](const auto& each) { return each.param.name; });

TEST_F(RegistrationTableTest, TakesItsSettingsFromTheDefaultsAndTheUrl) {
    RegistrationRules rules;
    rules.defaults.latency = std::chrono::milliseconds(7);
    rules.defaults.credentials = Credentials{"common", "secret"};
    RegistrationTable table(rules);
    const auto plain = table.add(announce(kUrl, "a")).backend;
    EXPECT_EQ(plain.latency, std::chrono::milliseconds(7));
    EXPECT_EQ(plain.credentials, (Credentials{"common", "secret"}));
    EXPECT_EQ(plain.transport, Transport::Automatic);
    EXPECT_EQ(plain.mount, "a");
    const auto own = table.add(announce("rtsp://me:mine@192.168.1.10/live", "b")).backend;
    EXPECT_EQ(own.credentials, (Credentials{"me", "mine"}));
    EXPECT_EQ(own.url, kUrl);
    EXPECT_EQ(own.display_url, "rtsp://me:***@192.168.1.10/live");
}

// preferred_delivery_protocol and reuse_connection against what the operator and the URL say.
TEST_F(RegistrationTableTest, ChoosesTheTransport) {
    struct Case {
        Transport operators;
        const char* url;
        bool interleaved, reuse;
        Transport expected;
    };
    const std::vector<Case> cases{
        {Transport::Automatic, "rtsp://camera/", false, false, Transport::Automatic},
        {Transport::Automatic, "rtsp://camera/", true, false, Transport::Tcp},
        {Transport::Automatic, "rtsp://camera/", false, true, Transport::Tcp},
        {Transport::Automatic, "rtspu://camera/", true, false, Transport::Udp},
        {Transport::Tcp, "rtsp://camera/", false, false, Transport::Tcp},
        {Transport::Udp, "rtsp://camera/", true, false, Transport::Tcp},
        {Transport::HttpTunnel, "rtsp://camera/", false, false, Transport::HttpTunnel},
        {Transport::HttpTunnel, "rtsp://camera/", true, false, Transport::HttpTunnel},
        {Transport::HttpTunnel, "rtsp://camera/", false, true, Transport::Tcp},
    };
    for (const Case& one : cases) {
        RegistrationRules rules;
        rules.defaults.transport = one.operators;
        RegistrationTable table(rules);
        const auto registered = table.add({one.url, "a", one.interleaved, one.reuse, kPeer});
        ASSERT_EQ(registered.status, 200U);
        EXPECT_EQ(registered.backend.transport, one.expected)
            << static_cast<int>(one.operators) << ' ' << one.url << ' ' << one.interleaved << ' '
            << one.reuse;
        EXPECT_EQ(registered.backend.http_port != 0, one.expected == Transport::HttpTunnel);
    }
}

TEST_F(RegistrationTableTest, TellsRefreshedFromReplaced) {
    add(announce(kUrl, "door"));
    add(announce(kUrl, "door"));
    EXPECT_EQ(table_.counters().refreshed, 1U);
    Announcement changed = announce(kUrl, "door");
    changed.interleaved = true;
    add(changed);
    EXPECT_EQ(table_.counters().replaced, 1U);
    EXPECT_EQ(table_.counters().added, 1U);
    EXPECT_EQ(table_.size(), 1U);
}

TEST_F(RegistrationTableTest, NumbersMountsWithoutASuffix) {
    EXPECT_EQ(mount_of(announce("rtsp://a/")), "registeredProxyStream-1");
    EXPECT_EQ(mount_of(announce("rtsp://b/")), "registeredProxyStream-2");
    EXPECT_EQ(mount_of(announce("rtsp://a/")), "registeredProxyStream-1");
    EXPECT_EQ(mount_of(announce("rtsp://c/", "registeredProxyStream-3")),
              "registeredProxyStream-3");
    EXPECT_EQ(mount_of(announce("rtsp://d/")), "registeredProxyStream-4");
    EXPECT_EQ(table_.remove("rtsp://a/", "", kPeer).status, 200U);
    EXPECT_EQ(mount_of(announce("rtsp://e/")), "registeredProxyStream-5");
}

TEST_F(RegistrationTableTest, KeepsTheNameThatADeviceHasWithoutASuffix) {
    add(announce(kUrl, "door"));
    EXPECT_EQ(mount_of(announce(kUrl)), "door");
    EXPECT_EQ(table_.size(), 1U);
}

// Behind different routers there may be the same private address.
TEST_F(RegistrationTableTest, DevicesWithTheSameUrlAreDifferentOnes) {
    const auto first = table_.add(offer(kUrl));
    EXPECT_EQ(first.backend.mount, "registeredProxyStream-1");
    EXPECT_EQ(mount_of(offer(kUrl, "", kOtherPeer)), "registeredProxyStream-2");
    EXPECT_EQ(mount_of(offer(kUrl)), "registeredProxyStream-1");
    EXPECT_EQ(mount_of(offer(kUrl, "", kOtherPeer)), "registeredProxyStream-2");
}

TEST_F(RegistrationTableTest, ADeviceMayComeBackFromAnotherAddress) {
    const auto first = table_.add(offer(kUrl));
    table_.set_suspended(first.backend.mount, first.number, true);
    EXPECT_EQ(mount_of(offer(kUrl, "", kOtherPeer)), "registeredProxyStream-1");
}

TEST_F(RegistrationTableTest, OlderNumbersChangeNothing) {
    const auto first = table_.add(offer(kUrl, "door"));
    const auto second = table_.add(offer(kUrl, "door"));
    EXPECT_NE(first.number, second.number);
    table_.set_suspended("door", first.number, true);
    EXPECT_EQ(add(offer(kUrl, "door", kOtherPeer)), 451U);
    EXPECT_FALSE(table_.expire("door", first.number));
    EXPECT_EQ(table_.counters().expired, 0U);
    EXPECT_TRUE(table_.expire("door", second.number));
    EXPECT_EQ(table_.counters().expired, 1U);
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_FALSE(table_.expire("door", second.number));
}

TEST_F(RegistrationTableTest, LimitsTheNumberOfMounts) {
    RegistrationRules rules;
    rules.max_mounts = 2;
    RegistrationTable table(rules);
    EXPECT_EQ(table.add(announce("rtsp://a/")).status, 200U);
    EXPECT_EQ(table.add(announce("rtsp://b/", "b")).status, 200U);
    EXPECT_EQ(table.add(announce("rtsp://c/")).status, 503U);
    EXPECT_EQ(table.add(announce("rtsp://c/", "c")).status, 503U);
    EXPECT_EQ(table.counters().refused_full, 2U);
    // Those who are in may go on.
    EXPECT_EQ(table.add(announce("rtsp://a/")).status, 200U);
    EXPECT_EQ(table.add(announce("rtsp://b2/", "b")).status, 200U);
    EXPECT_EQ(table.remove("", "b", kPeer).status, 200U);
    EXPECT_EQ(table.add(announce("rtsp://c/", "c")).status, 200U);
}

TEST_F(RegistrationTableTest, ConfiguredMountsMayChange) {
    table_.set_configured({"door"});
    EXPECT_EQ(add(announce(kUrl, "garden")), 200U);
    EXPECT_EQ(add(announce(kUrl, "door")), 451U);
}

TEST_F(RegistrationTableTest, DeregistersBySuffix) {
    add(announce(kUrl, "door"));
    add(announce(kUrl, "gate"));
    const auto removed = table_.remove("rtsp://whatever/", "door", kPeer);
    EXPECT_EQ(removed.status, 200U);
    EXPECT_THAT(removed.mounts, ElementsAre("door"));
    EXPECT_EQ(table_.remove(kUrl, "door", kPeer).status, 404U);
    EXPECT_EQ(table_.size(), 1U);
}

TEST_F(RegistrationTableTest, DeregistersByUrlEveryMountOfIt) {
    add(announce(kUrl, "door"));
    add(announce("rtsp://me:mine@192.168.1.10/live", "gate"));
    add(announce(kOtherUrl, "roof"));
    const auto removed = table_.remove("RTSP://192.168.1.10/live", "", kPeer);
    EXPECT_EQ(removed.status, 200U);
    EXPECT_THAT(removed.mounts, ElementsAre("door", "gate"));
    EXPECT_EQ(table_.counters().deregistered, 2U);
    EXPECT_EQ(table_.size(), 1U);
}

TEST_F(RegistrationTableTest, DeregistersOnlyWhatIsRegistered) {
    EXPECT_EQ(table_.remove(kUrl, "", kPeer).status, 404U);
    EXPECT_EQ(table_.remove(kUrl, "garden", kPeer).status, 404U); // configured
    EXPECT_EQ(table_.remove("camera", "", kPeer).status, 400U);
    EXPECT_EQ(table_.counters().refused_unknown, 2U);
    EXPECT_EQ(table_.counters().refused_url, 1U);
}

TEST_F(RegistrationTableTest, OnlyTheSameAddressDeregistersWithoutALogin) {
    add(announce(kUrl, "door"));
    for (const char* suffix : {"door", ""}) {
        const auto removed = table_.remove(kUrl, suffix, kOtherPeer);
        EXPECT_EQ(removed.status, 403U);
        EXPECT_THAT(removed.mounts, IsEmpty());
    }
    EXPECT_EQ(table_.counters().refused_foreign, 2U);
    EXPECT_EQ(table_.remove(kUrl, "door", kPeer).status, 200U);
}

TEST_F(RegistrationTableTest, WithALoginAnybodyDeregisters) {
    RegistrationRules rules;
    rules.logins_checked = true;
    RegistrationTable table(rules);
    EXPECT_EQ(table.add(announce(kUrl, "door")).status, 200U);
    EXPECT_THAT(table.remove(kUrl, "", kOtherPeer).mounts, ElementsAre("door"));
}

// Whom nobody knows must not learn from a mount which hosts and ports the proxy reaches.
TEST_F(RegistrationTableTest, AStrangersBackEndIsDiscreet) {
    EXPECT_TRUE(table_.add(announce(kUrl, "door")).backend.discreet);
    EXPECT_FALSE(table_.add(offer(kUrl, "gate")).backend.discreet) << "its own connection";
    RegistrationRules rules;
    rules.logins_checked = true;
    RegistrationTable table(rules);
    EXPECT_FALSE(table.add(announce(kUrl, "door")).backend.discreet);
}

TEST_F(RegistrationTableTest, FindsTheRegistrationThatAConnectionBelongsTo) {
    const auto named = table_.add(offer(kUrl, "door"));
    const auto unnamed = table_.add(offer(kOtherUrl));
    EXPECT_EQ(table_.find_reused(kUrl, "door", kPeer).number, named.number);
    EXPECT_EQ(table_.find_reused(kOtherUrl, "", kPeer).number, unnamed.number);
    EXPECT_EQ(table_.find_reused(kOtherUrl, "", kPeer).backend.mount, "registeredProxyStream-1");
    EXPECT_EQ(table_.find_reused(kUrl, "", kPeer).status, 404U);
    EXPECT_EQ(table_.find_reused(kUrl, "door", kOtherPeer).status, 404U);
    EXPECT_EQ(table_.find_reused(kOtherUrl, "door", kPeer).status, 404U);
    add(announce(kUrl, "door")); // dialled now
    EXPECT_EQ(table_.find_reused(kUrl, "door", kPeer).status, 404U);
}

} // namespace
} // namespace rtspproxy::registration_app
