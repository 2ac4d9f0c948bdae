//! `v1/tell_decoder`: a command for every later decode of an input.

use imageflow_types::{EmptyRequest, TellDecoder};

use super::request;
use crate::context::{Context, Response};
use crate::error::Error;

pub(super) fn answer(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    let request: TellDecoder = request::parse("TellDecoder001", body, &context.control())?;
    context.io.tell_decoder(request.io_id, request.command)?;
    Response::ok(EmptyRequest {})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imageflow_codecs::Bytes;
    use imageflow_types::DecoderCommand;

    #[test]
    fn commands_stay_with_the_input_in_order() {
        let mut context = Context::new();
        context
            .add_input(3, Bytes::Shared(b"\xFF\xD8\xFF".as_slice().into()))
            .unwrap();
        for command in [r#""discard_color_profile""#, r#"{"select_frame":2}"#] {
            let body = format!(r#"{{"io_id":3,"command":{command}}}"#);
            let response = context.send_json("v1/tell_decoder", body.as_bytes());
            assert!(
                String::from_utf8(response.body)
                    .unwrap()
                    .contains("\"data\": {}")
            );
        }
        let expected = [
            DecoderCommand::DiscardColorProfile,
            DecoderCommand::SelectFrame(2),
        ];
        assert_eq!(context.io.input(3).unwrap().commands, expected);
    }
}
