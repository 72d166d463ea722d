// What a proxy answers to the sender.
#include "plugins/registration/response.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace rtspproxy::registration;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto response = parse_response(bytes);
    if (!response)
        return 0;
    FUZZ_CHECK(response->status >= 100 && response->status <= 599);
    // What was parsed can be written, and read again.
    Response copy;
    copy.status = response->status;
    copy.reason = response->reason;
    copy.cseq = response->cseq;
    const auto again = parse_response(format_response(copy));
    FUZZ_CHECK(again.has_value());
    FUZZ_CHECK(again->status == response->status && again->cseq == response->cseq);
    return 0;
}
