//! The body of an answer.

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A complete body.
pub struct Reply(Option<Bytes>);

impl Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|octets| Ok(Frame::data(octets))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |octets| octets.len() as u64))
    }
}

/// Builds an answer.
pub fn reply(status: StatusCode, kind: &'static str, text: String) -> Response<Reply> {
    let body = Some(Bytes::from(text)).filter(|octets| !octets.is_empty());
    let mut response = Response::new(Reply(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Builds an answer of one line of text.
pub fn line(status: StatusCode, text: &str) -> Response<Reply> {
    reply(status, "text/plain; charset=utf-8", format!("{text}\n"))
}
