// What a camera answers to a request: whatever comes, rtspsrc is given whole messages in the form
// that it reads. The first byte says what was asked.
#include "app/backend/exchange/answer_form.hpp"
#include "app/backend/exchange/exchange.hpp"
#include "app/backend/exchange/other_url.hpp"
#include "app/backend/exchange/refusals.hpp"
#include "app/backend/exchange/shy_of_options.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

using namespace rtspproxy::backend::exchange; // NOLINT(google-build-using-namespace)

namespace {

constexpr std::array<const char*, 4> kMethods{"OPTIONS", "DESCRIBE", "SETUP", "PLAY"};
constexpr std::array<const char*, 2> kTransports{"RTP/AVP/TCP;unicast;interleaved=2-3",
                                                 "RTP/AVP;unicast;client_port=5000-5001"};

void check_transport(const Message& answer) {
    const std::string* transport = answer.find("Transport");
    FUZZ_CHECK(transport != nullptr && transport->starts_with("RTP/"));
    Channels taken;
    FUZZ_CHECK(mended_transport(*transport, "", taken) == *transport);
    FUZZ_CHECK(is_udp(*transport) || taken.any());
}

void check(const std::string& text, const std::string& method) {
    const Message message = Message::parse(text);
    FUZZ_CHECK(message.text() == text);
    const std::string head = text.substr(0, text.size() - message.body.size());
    FUZZ_CHECK(std::ranges::none_of(head, [](unsigned char c) {
        return (c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f;
    }));
    if (!message.is_answer()) {
        FUZZ_CHECK(message.find("CSeq") != nullptr && !message.url.empty());
        return;
    }
    FUZZ_CHECK(message.value_or("CSeq", "") == "7");
    FUZZ_CHECK(message.status == 200 || (message.status >= 300 && message.status < 600));
    // Where to is the affair of Redirect, which is not among the rules here.
    FUZZ_CHECK(message.status / 100 != 3 || message.status == 301 || message.status == 302);
    if (method == "SETUP" && message.status == 200)
        check_transport(message);
}

// Whatever the description said, a track that is refused is so in the end.
void refuse_setup(Exchange& exchange) {
    Deliveries out = exchange.from_source("SETUP rtsp://camera/live/track1 RTSP/1.0\r\nCSeq: 8\r\n"
                                          "\r\n");
    for (unsigned i = 0; i < Exchange::kMaxTimesSent && !out.to_camera.empty(); ++i)
        out = exchange.from_camera("RTSP/1.0 404 Not Found\r\n\r\n");
    FUZZ_CHECK(out.to_camera.empty() && out.to_source.size() == 1);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string method = kMethods[data[0] % kMethods.size()];
    const std::string transport = kTransports[data[0] / kMethods.size() % kTransports.size()];
    Rules rules;
    rules.push_back(std::make_unique<ShyOfOptions>(std::make_shared<Memory>()));
    rules.push_back(std::make_unique<AnswerForm>());
    rules.push_back(std::make_unique<OtherUrl>());
    rules.push_back(
        std::make_unique<RefusalRule>(std::make_shared<rtspproxy::Guarded<Refusals>>()));
    Exchange exchange(std::move(rules));
    const auto asked = exchange.from_source(method + " rtsp://camera/live RTSP/1.0\r\nCSeq: 7\r\n" +
                                            "Transport: " + transport + "\r\n\r\n");
    FUZZ_CHECK(asked.to_camera.size() == 1 && asked.to_source.empty());
    const auto out = exchange.from_camera({reinterpret_cast<const char*>(data + 1), size - 1});
    FUZZ_CHECK(out.to_camera.empty() && out.to_source.size() <= 1);
    for (const std::string& each : out.to_source)
        check(each, method);
    refuse_setup(exchange);
    exchange.end();
    return 0;
}
