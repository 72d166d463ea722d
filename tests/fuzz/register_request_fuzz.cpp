// A connection's first bytes: what recognises, measures and parses them, and what checks the
// results.
#include "plugins/registration/request.hpp"
#include "plugins/registration/url.hpp"
#include "plugins/text/secrets.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>

using namespace rtspproxy::registration;

namespace {

// However the bytes come in pieces, the verdict is the same.
void check_prefixes(std::string_view bytes, const HeaderEnd& end) {
    const Recognition whole = recognise(bytes);
    for (std::size_t length = 0; length < std::min<std::size_t>(bytes.size(), 16); ++length) {
        const Recognition prefix = recognise(bytes.substr(0, length));
        FUZZ_CHECK(prefix == Recognition::Undecided || prefix == whole);
    }
    if (end.state == HeaderEnd::State::Complete) {
        FUZZ_CHECK(end.length <= bytes.size());
        FUZZ_CHECK(bytes.substr(0, end.length).ends_with("\r\n\r\n") || end.length == 2);
        FUZZ_CHECK(find_header_end(bytes.substr(0, end.length - 1)).state ==
                   HeaderEnd::State::Incomplete);
    }
}

void check_request(const Request& request, std::string_view bytes) {
    FUZZ_CHECK(!request.url.empty());
    FUZZ_CHECK(request.url.find_first_of(" \t\r\n") == std::string::npos);
    FUZZ_CHECK(find_cseq(bytes).has_value());
    FUZZ_CHECK(recognise(bytes) == Recognition::Registration);
    if (request.suffix && check_suffix(*request.suffix)) {
        FUZZ_CHECK(!request.suffix->empty() && request.suffix->size() <= kMaxSuffixLength);
        FUZZ_CHECK(request.suffix->find_first_of("/\\%?#\"' \r\n") == std::string::npos);
    }
    // A mask leaves nothing behind that would still be a password.
    if (check_rtsp_url(request.url)) {
        const std::string masked = rtspproxy::text::mask_secrets(request.url);
        FUZZ_CHECK(rtspproxy::text::mask_secrets(masked) == masked);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const HeaderEnd end = find_header_end(bytes);
    check_prefixes(bytes, end);
    (void)find_cseq(bytes);
    // The front door parses complete requests only, but the parser must bear anything.
    (void)parse_request(bytes);
    if (end.state == HeaderEnd::State::Complete)
        if (const auto request = parse_request(bytes.substr(0, end.length)))
            check_request(*request, bytes.substr(0, end.length));
    (void)check_suffix(bytes);
    (void)check_rtsp_url(bytes);
    return 0;
}
