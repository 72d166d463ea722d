#include "app/registration/registrations.hpp"

#include "tests/unit/app_registration/splice_fixture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace rtspproxy::tests {
namespace {

using registration_app::RegistrationOptions;
using registration_app::Registrations;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kUrl = "rtsp://192.168.1.10/live";
constexpr const char* kPeer = "198.51.100.1";

class RegistrationsTest : public WatchedTest, private Registrations::Listener {
  protected:
    explicit RegistrationsTest(std::chrono::milliseconds grace = 1h) {
        RegistrationOptions options;
        options.grace = grace;
        registrations_ = Registrations::create(options, *this);
    }

    template <class Condition>
    bool iterate_until(Condition&& condition) {
        return eventually([&condition] {
            while (g_main_context_iteration(nullptr, FALSE) != FALSE) {
            }
            return condition();
        });
    }
    bool wait_calls(std::size_t count) {
        return iterate_until([&] { return calls_.size() >= count; });
    }
    // What has been posted so far is done then.
    void iterate() {
        bool reached = false;
        post_to_main([&reached] { reached = true; });
        ASSERT_TRUE(iterate_until([&reached] { return reached; }));
    }

    unsigned announce(const std::string& suffix, bool interleaved = false) {
        return registrations_->on_register(kUrl, suffix, interleaved, false, kPeer);
    }
    unsigned deregister(const std::string& suffix) {
        return registrations_->on_deregister(kUrl, suffix, kPeer);
    }
    // REGISTER with reuse_connection, and its connection.
    End offer(const std::string& suffix) {
        EXPECT_EQ(registrations_->on_register(kUrl, suffix, true, true, kPeer), 200U);
        return hand_over(suffix);
    }
    End hand_over(const std::string& suffix) {
        Connected connected = connect_device();
        registrations_->on_reuse(std::move(connected.socket), kUrl, suffix, kPeer);
        return std::move(connected.device);
    }
    End dial_proxy() {
        const std::string proxy = settings_.back().proxy;
        EXPECT_THAT(proxy, StartsWith("127.0.0.1:"));
        return dial(static_cast<std::uint16_t>(std::stoi(proxy.substr(proxy.find(':') + 1))));
    }
    void exchange(End& device) {
        End client = dial_proxy();
        client.send(request("OPTIONS"));
        EXPECT_EQ(device.read(request("OPTIONS").size()), request("OPTIONS"));
        device.send(ok_response());
        EXPECT_EQ(client.read(ok_response().size()), ok_response());
    }

    std::vector<std::string> calls_;
    std::vector<settings::BackendSettings> settings_; // of add_mount
    std::shared_ptr<Registrations> registrations_;

  private:
    void add_mount(const settings::BackendSettings& settings) override {
        calls_.push_back("add " + settings.mount);
        settings_.push_back(settings);
    }
    void remove_mount(const std::string& mount) override { calls_.push_back("remove " + mount); }
    void retry_mount(const std::string& mount) override { calls_.push_back("retry " + mount); }
};

TEST_F(RegistrationsTest, AnswersAtOnceAndActsInTheMainContext) {
    EXPECT_EQ(announce("door"), 200U);
    EXPECT_EQ(announce("door"), 200U);
    EXPECT_EQ(announce("door", true), 200U);
    EXPECT_EQ(deregister("door"), 200U);
    EXPECT_EQ(deregister("door"), 404U);
    EXPECT_EQ(announce("a/b"), 400U);
    EXPECT_THAT(calls_, IsEmpty());
    ASSERT_TRUE(wait_calls(4));
    iterate();
    EXPECT_THAT(calls_, ElementsAre("add door", "retry door", "add door", "remove door"));
    EXPECT_EQ(settings_[0].url, kUrl);
    EXPECT_EQ(settings_[0].transport, settings::Transport::Automatic);
    EXPECT_EQ(settings_[1].transport, settings::Transport::Tcp);
    EXPECT_EQ(settings_[0].proxy, "");
    const auto counters = registrations_->counters();
    EXPECT_EQ(counters.added, 1U);
    EXPECT_EQ(counters.refreshed, 1U);
    EXPECT_EQ(counters.replaced, 1U);
    EXPECT_EQ(counters.deregistered, 1U);
    EXPECT_EQ(counters.refused_unknown, 1U);
    EXPECT_EQ(counters.refused_suffix, 1U);
}

TEST_F(RegistrationsTest, NamesOfConfiguredMountsAreRefused) {
    registrations_->set_configured({"door"});
    EXPECT_EQ(announce("door"), 451U);
    iterate();
    EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(RegistrationsTest, AMountIsAddedOnceItsConnectionIsThere) {
    EXPECT_EQ(registrations_->on_register(kUrl, "door", true, true, kPeer), 200U);
    iterate();
    EXPECT_THAT(calls_, IsEmpty());
    End device = hand_over("door");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_THAT(calls_, ElementsAre("add door"));
    EXPECT_EQ(settings_[0].transport, settings::Transport::Tcp);
    EXPECT_EQ(settings_[0].url, kUrl);
    exchange(device);
}

TEST_F(RegistrationsTest, AnotherConnectionOfTheDeviceReplacesTheFirst) {
    End first = offer("door");
    End second = offer("door");
    ASSERT_TRUE(wait_calls(2));
    EXPECT_THAT(calls_, ElementsAre("add door", "retry door"));
    EXPECT_TRUE(first.ended());
    exchange(second);
}

TEST_F(RegistrationsTest, AConnectionWithoutARegistrationIsClosed) {
    End stranger = hand_over("door");
    EXPECT_TRUE(stranger.ended());
    iterate();
    EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(RegistrationsTest, DeregisteringClosesTheConnection) {
    End device = offer("door");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_EQ(deregister(""), 200U);
    ASSERT_TRUE(wait_calls(2));
    EXPECT_THAT(calls_, ElementsAre("add door", "remove door"));
    EXPECT_TRUE(device.ended());
}

TEST_F(RegistrationsTest, AMountThatIsDeregisteredBeforeItsConnectionComesIsNeverAdded) {
    EXPECT_EQ(registrations_->on_register(kUrl, "door", true, true, kPeer), 200U);
    EXPECT_EQ(deregister("door"), 200U);
    End device = hand_over("door");
    EXPECT_TRUE(device.ended());
    iterate();
    EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(RegistrationsTest, ADeviceMayAskToBeDialledInstead) {
    End device = offer("door");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_EQ(announce("door"), 200U);
    ASSERT_TRUE(wait_calls(2));
    EXPECT_TRUE(device.ended());
    EXPECT_EQ(settings_.back().proxy, "");
    // And back.
    End again = offer("door");
    ASSERT_TRUE(wait_calls(3));
    EXPECT_THAT(calls_, ElementsAre("add door", "add door", "add door"));
    exchange(again);
}

TEST_F(RegistrationsTest, ADeviceThatGoesAndComesBackKeepsItsMountAndPort) {
    offer("door").close();
    ASSERT_TRUE(wait_calls(1));
    iterate();
    End device = offer("door");
    ASSERT_TRUE(wait_calls(2));
    EXPECT_THAT(calls_, ElementsAre("add door", "retry door"));
    exchange(device);
}

TEST_F(RegistrationsTest, NothingIsDoneOnceItIsGone) {
    EXPECT_EQ(announce("door"), 200U);
    End device = offer("gate");
    registrations_.reset();
    iterate();
    EXPECT_THAT(calls_, IsEmpty());
    EXPECT_TRUE(device.ended());
}

TEST_F(RegistrationsTest, ManyDevicesRegisterAtOnce) {
    constexpr int kDevices = 50;
    std::vector<End> devices;
    std::thread element([&] {
        for (int i = 0; i < kDevices; ++i)
            devices.push_back(offer("device-" + std::to_string(i)));
    });
    EXPECT_TRUE(wait_calls(kDevices));
    element.join();
    std::set<std::string> proxies;
    for (const auto& settings : settings_)
        proxies.insert(settings.proxy);
    EXPECT_THAT(proxies, SizeIs(kDevices));
    exchange(devices.back());
}

class GraceTest : public RegistrationsTest {
  protected:
    GraceTest() : RegistrationsTest(50ms) {}
};

TEST_F(GraceTest, ADeviceThatDoesNotComeBackLosesItsMount) {
    End device = offer("door");
    ASSERT_TRUE(wait_calls(1));
    device.close();
    ASSERT_TRUE(wait_calls(2));
    EXPECT_THAT(calls_, ElementsAre("add door", "remove door"));
    EXPECT_EQ(registrations_->counters().expired, 1U);
    EXPECT_EQ(deregister("door"), 404U);
}

TEST_F(GraceTest, ADeviceWhoseConnectionIsAboutToComeKeepsItsMount) {
    End device = offer("door");
    ASSERT_TRUE(wait_calls(1));
    device.close();
    EXPECT_EQ(registrations_->on_register(kUrl, "door", true, true, kPeer), 200U);
    bool later = false; // than the end of the grace
    Timer timer;
    timer.set(500ms, [&later] { later = true; });
    ASSERT_TRUE(iterate_until([&later] { return later; }));
    EXPECT_THAT(calls_, ElementsAre("add door"));
    End again = hand_over("door");
    ASSERT_TRUE(wait_calls(2));
    EXPECT_THAT(calls_, ElementsAre("add door", "retry door"));
    exchange(again);
}

TEST_F(GraceTest, AMountThatIsDialledHasNoGrace) {
    End device = offer("door");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_EQ(announce("door"), 200U);
    device.close();
    bool later = false;
    Timer timer;
    timer.set(300ms, [&later] { later = true; });
    ASSERT_TRUE(iterate_until([&later] { return later; }));
    EXPECT_THAT(calls_, ElementsAre("add door", "add door"));
}

} // namespace
} // namespace rtspproxy::tests
