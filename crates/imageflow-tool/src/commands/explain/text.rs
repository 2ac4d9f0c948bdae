//! A plan as lines of text.

use imageflow_types::{ExplainedStage, Explanation};

use crate::commands::columns::{bytes, widths};

/// A line for each stage and output, then what they hold together.
pub(super) fn write(plan: &Explanation) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (index, stage) in plan.stages.iter().enumerate() {
        rows.push([
            format!("{index:2}  {}", described(stage)),
            format!("{}×{}", stage.w, stage.h),
            held(stage),
            bytes(stage.bytes_held),
        ]);
    }
    for output in &plan.outputs {
        rows.push([
            format!(
                "{:2}  → output {}: {}",
                output.input, output.io_id, output.encoder
            ),
            format!("{}×{}", output.w, output.h),
            String::new(),
            bytes(output.bytes_held),
        ]);
    }
    let [a, b, c, d] = widths(&rows);
    let mut text = String::new();
    for row in &rows {
        let line = format!(
            "{:a$}  {:>b$}  {:c$}  {:>d$}",
            row[0], row[1], row[2], row[3],
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if plan.animated {
        text.push_str("once for each frame of the animation\n");
    }
    text.push_str(&format!("at most {} in all\n", bytes(plan.peak_bytes)));
    text
}

/// What it does, and on what when that is not the stage before it.
fn described(stage: &ExplainedStage) -> String {
    match stage.io_id {
        Some(io_id) => format!("input {io_id}: {}", stage.detail),
        None => {
            let inputs: Vec<String> = stage.inputs.iter().map(usize::to_string).collect();
            format!("{} ← {}", stage.detail, inputs.join(", "))
        }
    }
}

/// How many rows are held, and what they are made of.
pub(super) fn held(stage: &ExplainedStage) -> String {
    let rows = if stage.rows_held >= stage.h {
        "all rows".to_owned()
    } else {
        format!("{} rows", stage.rows_held)
    };
    let kind = if stage.linear_floats {
        "floats"
    } else {
        "bytes"
    };
    format!("{rows} of {kind}")
}
