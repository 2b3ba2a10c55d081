import { useEffect, useRef, useState } from "react";

export interface Dictation {
  isListening: boolean;
  toggle: () => void;
}

/** The part of the Web Speech API that is used. */
interface Recognition {
  continuous: boolean;
  interimResults: boolean;
  lang: string;
  onresult: (event: { resultIndex: number; results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void;
  onend: () => void;
  onerror: (event: { error: string }) => void;
  start(): void;
  stop(): void;
  abort(): void;
}

function recognizer(): (new () => Recognition) | null {
  const { SpeechRecognition, webkitSpeechRecognition } = globalThis as unknown as Record<
    string,
    (new () => Recognition) | undefined
  >;
  return SpeechRecognition ?? webkitSpeechRecognition ?? null;
}

/** The browser's own dictation. Null where it has none; the keyboard's may still be there. */
export function useDictation(onText: (text: string) => void, onFailure: () => void): Dictation | null {
  const [isListening, setListening] = useState(false);
  const current = useRef<Recognition | null>(null);
  const latest = useRef({ onText, onFailure });
  latest.current = { onText, onFailure };
  useEffect(() => () => current.current?.abort(), []);

  const Recognizer = recognizer();
  if (!Recognizer) return null;
  const begin = () => {
    const recognition = new Recognizer();
    recognition.continuous = true;
    recognition.interimResults = false;
    recognition.lang = navigator.language;
    recognition.onresult = ({ resultIndex, results }) => {
      for (let at = resultIndex; at < results.length; at += 1)
        latest.current.onText(results[at]?.[0]?.transcript.trim() ?? "");
    };
    recognition.onend = () => setListening(false);
    recognition.onerror = ({ error }) => {
      if (error !== "aborted") latest.current.onFailure();
    };
    current.current = recognition;
    recognition.start();
    setListening(true);
  };
  return { isListening, toggle: () => (isListening ? current.current?.stop() : begin()) };
}
