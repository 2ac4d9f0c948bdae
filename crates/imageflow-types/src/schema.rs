//! What the derived JSON Schemas do not know: the readers of [`crate::spelling`] accept more than they write.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::CornerRadius;

/// A field that must be present, but may be `null`: what [`crate::spelling::present_or_null`] reads.
pub(crate) fn nullable<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Option<T>>()
}

/// What [`crate::spelling::frame_index`] reads.
pub(crate) fn frame_index(generator: &mut SchemaGenerator) -> Schema {
    let index = generator.subschema_for::<i32>();
    json_schema!({
        "anyOf": [
            index,
            { "type": "object", "properties": { "index": index }, "required": ["index"], "deprecated": true },
        ]
    })
}

/// What [`crate::spelling::corner_radius`] reads.
pub(crate) fn corner_radius(generator: &mut SchemaGenerator) -> Schema {
    let radius = generator.subschema_for::<CornerRadius>();
    let pixels = generator.subschema_for::<f32>();
    json_schema!({ "anyOf": [radius, pixels] })
}

/// Adds the second spelling of a variant, as [`crate::spelling::also_spelled`] reads it.
pub(crate) fn also_named(usual: &'static str, extra: &'static str) -> impl FnMut(&mut Schema) {
    move |schema| {
        let Some(Value::Array(variants)) = schema.get_mut("oneOf") else {
            return;
        };
        let mut second = variants.iter().find_map(|variant| {
            let mut second = variant.clone();
            if let Some(name) = second.get_mut("const").filter(|name| *name == usual) {
                *name = extra.into();
                return Some(second);
            }
            let payload = second
                .get_mut("properties")?
                .as_object_mut()?
                .remove(usual)?;
            second["properties"][extra] = payload;
            second["required"] = [extra].into_iter().collect();
            Some(second)
        });
        if let Some(Value::Object(second)) = &mut second {
            second.insert("deprecated".to_owned(), true.into());
            second.insert(
                "description".to_owned(),
                format!("The same as `{usual}`.").into(),
            );
        }
        variants.extend(second);
    }
}

/// Adds the second spelling of a field.
pub(crate) fn also_field(usual: &'static str, extra: &'static str) -> impl FnMut(&mut Schema) {
    move |schema| {
        if let Some(Value::Object(fields)) = schema.get_mut("properties")
            && let Some(mut second) = fields.get(usual).cloned()
        {
            second["deprecated"] = true.into();
            second["description"] = format!("The same as `{usual}`.").into();
            fields.insert(extra.to_owned(), second);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{AutoPreset, CompositingMode, EncoderPreset, JpegStyle, LodepngPreset};

    fn schema<T: JsonSchema>() -> Value {
        SchemaGenerator::default()
            .into_root_schema_for::<T>()
            .to_value()
    }

    /// The names of all variants.
    fn names(schema: &Value) -> Vec<String> {
        let variants = schema["oneOf"].as_array().unwrap().iter();
        let name = |variant: &Value| match (&variant["const"], &variant["required"][0]) {
            (Value::String(name), _) | (_, Value::String(name)) => vec![name.clone()],
            _ => serde_json::from_value(variant["enum"].clone()).unwrap(),
        };
        variants.flat_map(name).collect()
    }

    #[test]
    fn second_spellings_are_there_and_deprecated() {
        for (schema, usual, extra) in [
            (schema::<EncoderPreset>(), "libjpegturbo", "libjpeg_turbo"),
            (schema::<JpegStyle>(), "libjpegturbo", "libjpeg_turbo"),
            (schema::<CompositingMode>(), "compose", ""),
        ] {
            let names = names(&schema);
            assert!(names.iter().any(|name| name == usual), "{names:?}");
            assert_eq!(names.last().unwrap(), extra);
            assert_eq!(
                schema["oneOf"].as_array().unwrap().last().unwrap()["deprecated"],
                true
            );
        }
        let field = &schema::<LodepngPreset>()["properties"]["max_deflate"];
        assert_eq!(field["deprecated"], true);
    }

    #[test]
    fn a_field_may_be_required_and_null() {
        let schema = schema::<AutoPreset>();
        assert_eq!(schema["required"], serde_json::json!(["quality_profile"]));
        assert!(
            schema["properties"]["quality_profile"]
                .to_string()
                .contains("null")
        );
    }
}
