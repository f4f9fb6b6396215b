"""A recorder (see `recorder`) for mode 7.

A request with a MAC always goes to the daemon, because it may change something there. If the reply has data, the reply to
the first such request is replayed."""
from . import mode7
from .recorder import Recorder


class PrivateRecorder(Recorder):
    """Listens on (namespace, address) and queries `target`."""
    MIN_LENGTH = mode7.Request.MIN_LENGTH

    def _answer(self, packet):
        request, answers = mode7.Request(packet), self._answers
        question = (len(packet), request.implementation, request.code, *request.items)
        if request.sealed:
            live = self._ask(packet)
            has_data = self._is_complete(live) and not mode7.error_code(live[0]) and mode7.Request(live[0]).count
            return answers.setdefault(question, live) if has_data else live
        if not answers.get(question):
            answers[question] = self._ask(packet)
        return answers[question]

    def _belongs(self, answer, packet):
        return answer[2:4] == packet[2:4]

    def _is_complete(self, packets):
        return mode7.is_complete(packets)
