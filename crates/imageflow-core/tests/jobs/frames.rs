//! How many frames a job says it ran.

use serde_json::{Value, json};

/// Two frames of one pixel, the first colour of the palette and the second.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xFF\0\0\0\xFF\0\
    ,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\
    ,\0\0\0\0\x01\0\x01\0\0\x02\x02\x4C\x01\0;";

/// The frames of a job that writes the GIF with each of these presets.
fn frames(commands: Value, presets: &[&Value]) -> usize {
    let mut context = super::context(&[GIF]);
    let mut nodes = json!({"0": {"decode": {"io_id": 0, "commands": commands}}});
    let mut edges = Vec::new();
    for (io_id, preset) in (1..).zip(presets) {
        if io_id > 1 {
            context.add_output_buffer(io_id).unwrap();
        }
        nodes[io_id.to_string()] = json!({"encode": {"io_id": io_id, "preset": preset}});
        edges.push(json!({"from": 0, "to": io_id, "kind": "input"}));
    }
    let job = json!({"framewise": {"graph": {"nodes": nodes, "edges": edges}}});
    let response = context.send_json("v1/execute", job.to_string().as_bytes());
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(response.status, 200, "{answer}");
    let encodes = answer["data"]["job_result"]["encodes"].as_array().unwrap();
    assert_eq!(encodes.len(), presets.len());
    answer["data"]["job_result"]["performance"]["frames"]
        .as_array()
        .unwrap()
        .len()
}

#[test]
fn a_job_reports_the_frames_it_ran() {
    let (gif, png) = (json!("gif"), json!({"lodepng": {}}));
    assert_eq!(frames(json!(null), &[&gif]), 2);
    assert_eq!(frames(json!(null), &[&png, &gif]), 2);
    // Nothing is left to do for a still picture after the first frame; 2.x goes on and appends a file for each.
    assert_eq!(frames(json!(null), &[&png]), 1);
    assert_eq!(frames(json!(null), &[&png, &png]), 1);
    assert_eq!(frames(json!([{"select_frame": 1}]), &[&gif, &png]), 1);
}
