# frozen_string_literal: true

require "json"

module Imageflow
  # What the engine answered. The keys of `data` are symbols.
  JsonResponse = Struct.new(:success, :status_code, :message, :data) do
    def self.parse(text, status)
      body = JSON.parse(text, symbolize_names: true)
      new(body[:success], status, body[:message], body[:data])
    end

    def ok?
      (200...300).cover?(status_code)
    end
  end
end
