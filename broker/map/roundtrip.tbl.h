// SPDX-License-Identifier: Apache-2.0
// What can be lost between a mapping and the one that leads back: name, code, whether nothing of the field is left, English, Spanish. Included several times: no guard.
EN_LOSS(LOSS_NOT_SENT, "not_sent", 1, "is not sent", "no se envía")
EN_LOSS(LOSS_NOT_READ, "not_read", 1, "arrives, and the way back does not read it", "llega, pero el camino de vuelta no lo lee")
EN_LOSS(LOSS_PARTLY_READ, "partly_read", 0, "arrives, and the way back reads only a part of it", "llega, pero el camino de vuelta lee solo una parte")
EN_LOSS(LOSS_ELSEWHERE, "elsewhere", 0, "comes back in another field", "vuelve en otro campo")
EN_LOSS(LOSS_DECIDES, "decides", 1, "only decides what other fields say", "solo decide lo que dicen otros campos")
EN_LOSS(LOSS_KEYED, "keyed", 1, "becomes a keyed id, which nobody can turn back", "se vuelve un id con clave, que nadie puede revertir")
EN_LOSS(LOSS_JOINED, "joined", 0, "is put together with others", "se junta con otros")
EN_LOSS(LOSS_COARSE, "coarse", 0, "is made coarser", "se vuelve menos preciso")
EN_LOSS(LOSS_CHANGED, "changed", 0, "is changed by steps that do not turn back", "lo cambian pasos que no se revierten")
EN_LOSS(LOSS_CODE, "code", 0, "this code does not come back as itself", "este código no vuelve como él mismo")
EN_LOSS(LOSS_DEFAULT, "default", 0, "what is unknown comes back as a default", "lo desconocido vuelve como un valor por omisión")
