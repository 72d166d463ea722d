#include "plugins/registration/request.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace rtspproxy::registration {

namespace {

constexpr std::array kMethods{Method::Register, Method::Deregister};
constexpr std::string_view kVersion = "RTSP/1.0";
constexpr unsigned long kMaxCseq = std::numeric_limits<std::uint32_t>::max();

// Headers that mean one thing only: twice is a contradiction.
constexpr std::array<std::string_view, 4> kSingular{"CSeq", "Transport", "Authorization",
                                                    "Content-Length"};

Result<void> parse_request_line(std::string_view line, Request& request) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return failure("the request line is not METHOD URL VERSION");
    const auto method = std::find_if(kMethods.begin(), kMethods.end(), [&](Method known) {
        return to_string(known) == line.substr(0, first);
    });
    if (method == kMethods.end())
        return failure("the method is not REGISTER or DEREGISTER");
    request.method = *method;
    request.url = line.substr(first + 1, last - first - 1);
    if (request.url.empty() || request.url.find_first_of(" \t") != std::string::npos)
        return failure("the request line is not METHOD URL VERSION");
    if (line.substr(last + 1) != kVersion)
        return failure("the version is not RTSP/1.0");
    return {};
}

Result<void> parse_delivery_protocol(std::string_view value, Request& request) {
    if (equals_ignoring_case(value, "interleaved"))
        request.interleaved = true;
    else if (!equals_ignoring_case(value, "udp"))
        return failure("preferred_delivery_protocol is neither udp nor interleaved");
    return {};
}

// One "name" or "name=value" of the Transport header. `seen` remembers the names that may stand but
// once.
Result<void> parse_transport_parameter(std::string_view parameter, std::vector<std::string>& seen,
                                       Request& request) {
    const std::size_t equals = parameter.find('=');
    const bool has_value = equals != std::string_view::npos;
    const std::string_view name = trim(parameter.substr(0, equals));
    const std::string_view value = has_value ? trim(parameter.substr(equals + 1)) : "";

    const bool reuse = equals_ignoring_case(name, "reuse_connection");
    const bool delivery = equals_ignoring_case(name, "preferred_delivery_protocol");
    const bool suffix = equals_ignoring_case(name, "proxy_url_suffix");
    if (!reuse && !delivery && !suffix)
        return {};
    const auto same = [name](const std::string& other) {
        return equals_ignoring_case(name, other);
    };
    if (std::any_of(seen.begin(), seen.end(), same))
        return failure("a Transport parameter stands twice");
    seen.emplace_back(name);

    if (reuse) {
        if (has_value)
            return failure("reuse_connection takes no value");
        request.reuse_connection = true;
        return {};
    }
    if (delivery)
        return parse_delivery_protocol(value, request);
    request.suffix = std::string(value);
    return {};
}

Result<void> parse_transport(std::string_view transport, Request& request) {
    std::vector<std::string> seen;
    while (!transport.empty()) {
        const std::size_t end = std::min(transport.find(';'), transport.size());
        Result<void> parsed =
            parse_transport_parameter(trim(transport.substr(0, end)), seen, request);
        if (!parsed)
            return parsed;
        transport.remove_prefix(std::min(end + 1, transport.size()));
    }
    return {};
}

Result<void> parse_headers(Request& request) {
    for (const std::string_view name : kSingular)
        if (request.headers.count(name) > 1)
            return failure("the header " + std::string(name) + " stands twice");
    const std::string* cseq = request.headers.find("CSeq");
    const auto number = cseq ? parse_number(*cseq, kMaxCseq) : std::nullopt;
    if (!number)
        return failure("CSeq is missing or not a number");
    request.cseq = static_cast<std::uint32_t>(*number);
    if (const std::string* length = request.headers.find("Content-Length"))
        if (parse_number(*length, kMaxCseq) != 0)
            return failure("the request has a body");
    if (const std::string* authorization = request.headers.find("Authorization"))
        request.authorization = *authorization;
    if (const std::string* transport = request.headers.find("Transport"))
        return parse_transport(*transport, request);
    return {};
}

// RFC 3986 §2.3.
bool is_unreserved(char c) {
    constexpr std::string_view kMarks = "._~-";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
}

} // namespace

std::string_view to_string(Method method) {
    return method == Method::Register ? "REGISTER" : "DEREGISTER";
}

Recognition recognise(std::string_view bytes) {
    for (const Method method : kMethods) {
        const std::string token = std::string(to_string(method)) + ' ';
        if (bytes.starts_with(token))
            return Recognition::Registration;
        if (token.starts_with(bytes))
            return Recognition::Undecided;
    }
    return Recognition::Other;
}

Result<Request> parse_request(std::string_view bytes) {
    Result<MessageHead> head = parse_head(bytes);
    if (!head)
        return tl::unexpected(head.error());
    Request request;
    request.headers = std::move(head->headers);
    const Result<void> parsed = parse_request_line(head->start_line, request).and_then([&] {
        return parse_headers(request);
    });
    if (!parsed)
        return tl::unexpected(parsed.error());
    return request;
}

std::optional<std::uint32_t> find_cseq(std::string_view bytes) {
    constexpr std::string_view kName = "CSeq:";
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
        const std::string_view line = bytes.substr(0, end);
        if (equals_ignoring_case(line.substr(0, kName.size()), kName)) {
            const auto number = parse_number(trim(line.substr(kName.size())), kMaxCseq);
            return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
        }
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return std::nullopt;
}

Result<void> check_suffix(std::string_view suffix) {
    if (suffix.empty() || suffix.size() > kMaxSuffixLength)
        return failure("proxy_url_suffix must have 1 to 64 characters");
    if (!std::all_of(suffix.begin(), suffix.end(), is_unreserved) || suffix == "." ||
        suffix == "..")
        return failure("proxy_url_suffix must be one path segment of letters, digits and . _ ~ -");
    return {};
}

} // namespace rtspproxy::registration
