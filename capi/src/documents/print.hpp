// From what the C++ API gives to the contract's documents.
#pragma once

#include <conclave/gateway.hpp>

#include "json/writer.hpp"
#include "sessions/transcript_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace conclave::capi {

// One record each, into a document that is being written.
void print(json::writer& w, const provider_info& p);
void print(json::writer& w, const tool_info& t);
void print(json::writer& w, const price_version& v);
void print(json::writer& w, const tenant_record& t);
void print(json::writer& w, const api_key& k);
void print(json::writer& w, const created_api_key& k);
void print(json::writer& w, const agent& a);
using sessions::print;  // of sessions and messages
void print(json::writer& w, const transcript& t);
void print(json::writer& w, const unknown_send& s);
void print(json::writer& w, const embeddings& e);
void print(json::writer& w, const usage_rollup& r);
void print(json::writer& w, const usage_event& e);
void print(json::writer& w, const spend_report& r);
void print(json::writer& w, const check_report& r);
/// What a callback provider is asked, and a tool.
void print(json::writer& w, const provider_request& r);
void print(json::writer& w, const tool_call& c);

/// A record as a whole document.
template <class T>
std::string document_of(const T& record) {
    json::writer w;
    print(w, record);
    return std::move(w).text();
}

/// {items, next_cursor}.
template <class T>
std::string document_of(const page<T>& p) {
    json::writer w;
    w.begin_object().key("items").begin_array();
    for (const auto& item : p.items) print(w, item);
    w.end_array().key("next_cursor");
    p.next_cursor ? w.string(*p.next_cursor) : w.null();
    w.end_object();
    return std::move(w).text();
}

template <class T>
std::string document_of(const std::vector<T>& items) {
    return document_of(page<T>{items, {}});
}

/// {text}.
std::string text_document(std::string_view text);

/// An error as every language sees it.
std::string error_document(const error& e);

}  // namespace conclave::capi
